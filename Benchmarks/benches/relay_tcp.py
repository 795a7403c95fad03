"""A raw TCP relay on the reactor beside haproxy in tcp mode: CPU time per relayed gigabyte."""

from contextlib import ExitStack

from benches.benchmark import Bench, Benchmark
from harness import build, peers
from harness.process import Failed, free_port
from harness.rounds import SIDES, Part, Sample
from harness.window import Window

LIVE_CONNECTIONS = 200
LIVE_RATE = 2_000_000
LIVE_MILLISECONDS = 3000
BULK_MILLISECONDS = 800
# A relay may not save CPU time by letting frames wait.
LONGEST_DELIVERY_US = 20_000


class RelayTCP(Benchmark):
    name = "relay-tcp"
    summary = "200 connections of 2 Mbit/s (live) and one as fast as it goes (bulk), beside haproxy"
    parts = (
        Part("live", unit="cpu-s/GB", target=1.0, rounds=6),
        Part("bulk", unit="cpu-s/GB", target=0.8, rounds=11),
    )

    def __init__(self, bench: Bench, stack: ExitStack) -> None:
        self.bench = bench
        self.program = str(build.c_program("tcp-load"))
        self.servers = {}
        for side in SIDES:
            port, origin = free_port(), free_port()
            command = self._command(side, port, origin)
            server = stack.enter_context(bench.server(f"{side} relay", command))
            server.wait_until_listening(port)
            self.servers[side] = (server, port, origin)

    def _command(self, side: str, port: int, origin: int) -> list[str]:
        if self.bench.is_ours(side):
            return [str(build.swift_program("bench-relay-tcp")), str(port), str(origin)]
        return peers.haproxy(self.bench.directory, port, origin)

    def measure(self, part: Part, side: str) -> Sample:
        server, port, origin = self.servers[side]
        ports = ["--relay", str(port), "--origin", str(origin)]
        if part.name == "live":
            options = ["--connections", str(LIVE_CONNECTIONS), "--rate", str(LIVE_RATE),
                       "--milliseconds", str(LIVE_MILLISECONDS)]
        else:
            options = ["--milliseconds", str(BULK_MILLISECONDS)]
        with self.bench.load("tcp-load", [self.program, "--mode", part.name, *ports, *options]) as load:
            load.expect("ready", 15)
            with Window(server, load, self.bench.cores) as window:
                load.say("go")
                done = load.expect("done", 15)
            if part.name == "live":
                _require_live(done)
            return Sample(
                cost=window.cpu_ns / done["bytes"],
                figures={
                    "MB": done["bytes"] / 1e6,
                    "Gbit/s": done["bytes"] * 8e-9 / done["seconds"],
                    "core %": window.cpu_ns / 1e7 / done["seconds"],
                    "p50 us": done["p50_us"],
                    "p99 us": done["p99_us"],
                    "RSS MB": server.memory().rss / 1e6,
                },
                disturbance=window.disturbance)


def _require_live(done: dict[str, int | float]) -> None:
    wanted = LIVE_CONNECTIONS * LIVE_RATE / 8 * LIVE_MILLISECONDS / 1000
    if abs(done["bytes"] - wanted) > 0.02 * wanted:
        raise Failed(f"{done['bytes']} bytes were relayed, not about {wanted:.0f}")
    if done["p50_us"] > LONGEST_DELIVERY_US:
        raise Failed(f"half of the frames took more than {done['p50_us']} µs")
