"""A UDP relay on the reactor beside a plain recvfrom/sendto relay in C: CPU time per datagram."""

from contextlib import ExitStack

from benches.benchmark import Bench, Benchmark
from harness import build
from harness.process import Failed, free_port
from harness.rounds import SIDES, Part, Sample
from harness.window import Window

RATE = 50_000
FLOWS = 200
PUBLISHERS = 100
BURST = 8
SIZE = 1200
MILLISECONDS = 2500
LOST_SHARE = 0.001
# A relay may gather datagrams for a moment, not for longer than an ear or an eye allows.
LONGEST_DELIVERY_US = 2_000


class UDP(Benchmark):
    name = "udp"
    summary = "50,000 datagrams/s of 1200 bytes in bursts of 8 over 200 flows, beside a plain relay in C"
    parts = (
        Part("single", unit="cpu-us/datagram", target=0.75, rounds=6),
        Part("gso", unit="cpu-us/datagram", target=0.35, rounds=6),
    )

    def __init__(self, bench: Bench, stack: ExitStack) -> None:
        self.bench = bench
        self.program = str(build.c_program("udp-load"))
        self.commands = {
            "ours": build.c_program("udp-relay-plain") if bench.peer_twice else build.swift_program("bench-udp"),
            "peer": build.c_program("udp-relay-plain"),
        }

    def measure(self, part: Part, side: str) -> Sample:
        # A relay of its own for each measurement: flows that are over would stay in its table.
        port, origin = free_port(), free_port()
        command = [str(self.commands[side]), str(port), str(origin)]
        options = [
            "--relay", str(port), "--origin", str(origin), "--send", part.name,
            "--rate", str(RATE), "--flows", str(FLOWS), "--publishers", str(PUBLISHERS),
            "--burst", str(BURST), "--size", str(SIZE), "--milliseconds", str(MILLISECONDS)]
        with (self.bench.server(f"{side} relay", command) as server,
              self.bench.load("udp-load", [self.program, *options]) as load):
            load.expect("ready", 15)
            with Window(server, load, self.bench.cores) as window:
                load.say("go")
                done = load.expect("done", 15)
            _require_delivery(done)
            return Sample(
                cost=window.cpu_ns / 1000 / done["packets"],
                figures={
                    "datagrams": done["packets"],
                    "lost": done["sent"] - done["packets"],
                    "core %": window.cpu_ns / 1e7 / done["seconds"],
                    "p50 us": done["p50_us"],
                    "p99 us": done["p99_us"],
                    "RSS MB": server.memory().rss / 1e6,
                },
                disturbance=window.disturbance)


def _require_delivery(done: dict[str, int | float]) -> None:
    wanted = RATE * MILLISECONDS // 1000
    if abs(done["sent"] - wanted) > 0.01 * wanted:
        raise Failed(f"{done['sent']} datagrams were sent, not about {wanted}")
    if done["sent"] - done["packets"] > LOST_SHARE * done["sent"]:
        raise Failed(f"{done['sent'] - done['packets']} of {done['sent']} datagrams were lost")
    if done["p50_us"] > LONGEST_DELIVERY_US:
        raise Failed(f"half of the datagrams took more than {done['p50_us']} µs")
