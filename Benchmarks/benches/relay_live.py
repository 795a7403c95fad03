"""Players through our proxy beside haproxy in the same place, in front of the same origin: CPU time per gigabyte."""

from contextlib import ExitStack

from benches import live
from benches.benchmark import Bench, Benchmark
from harness import build, peers, programs
from harness.process import Process, free_port
from harness.rounds import SIDES, Part, Sample

PLAYERS = 300
MILLISECONDS = 4000


class LiveRelay(Benchmark):
    """The relay has the server's core for itself; the origin shares the other one with the load."""

    protocol: str

    def __init__(self, bench: Bench, stack: ExitStack) -> None:
        self.bench = bench
        build.c_program("rtmp-load")
        # The noise of RTMP relays can be had without ours; HTTP-FLV has no other origin here.
        ours = self.protocol == "flv" or not bench.peer_twice
        self.origin = live.open_origin(bench, stack, "the", ours, 2 * PLAYERS + 1, beside=True)
        self.relays = {side: self._open(stack, side) for side in SIDES}

    def _open(self, stack: ExitStack, side: str) -> tuple[Process, int]:
        rtmp, http = free_port(), free_port()
        port, upstream = (http, self.origin.http) if self.protocol == "flv" else (rtmp, self.origin.rtmp)
        if self.bench.is_ours(side):
            program = programs.proxy(rtmp, http, self.origin.rtmp, self.origin.http)
            command, environment = program.command, program.environment
        else:
            command, environment = peers.haproxy(self.bench.directory, port, upstream), None
        relay = stack.enter_context(self.bench.server(f"{side} relay", command, environment))
        relay.wait_until_listening(port)
        return relay, port

    def measure(self, part: Part, side: str) -> Sample:
        relay, port = self.relays[side]
        done = live.run(self.bench, relay, {
            "port": self.origin.rtmp, "play-port": port, "protocol": self.protocol, "players": PLAYERS},
            MILLISECONDS, beside=self.origin.process)
        return Sample(
            cost=done.window.cpu_ns / done.done["bytes"],
            figures={**done.figures, "RSS MB": relay.memory().rss / 1e6},
            disturbance=done.window.disturbance)


class RTMPRelay(LiveRelay):
    name = "rtmp-relay"
    protocol = "rtmp"
    summary = f"{PLAYERS} RTMP players of 600 kbit/s through the proxy, beside haproxy in front of the same origin"
    parts = (Part("rtmp-relay", unit="cpu-s/GB", target=1.2, rounds=6),)


class FLVRelay(LiveRelay):
    name = "flv-relay"
    protocol = "flv"
    summary = f"{PLAYERS} HTTP-FLV players of 600 kbit/s through the proxy, beside haproxy in front of the same origin"
    parts = (Part("flv-relay", unit="cpu-s/GB", target=1.2, rounds=6),)
