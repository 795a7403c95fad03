"""RTMP players of one stream, beside nginx with its RTMP module: CPU time per delivered gigabyte, and memory."""

from contextlib import ExitStack

from benches import live
from benches.benchmark import Bench, Benchmark
from harness import build
from harness.rounds import Part, Sample

PLAYERS = 1500
MILLISECONDS = 4000
KILOBYTES_PER_PLAYER = 40


class RTMPPlay(Benchmark):
    name = "rtmp-play"
    summary = f"{PLAYERS} RTMP players of one stream of 600 kbit/s on one origin core, beside nginx-rtmp"
    parts = (
        Part("rtmp-play", unit="cpu-s/GB", target=0.2, rounds=5, limits={"KB/player": KILOBYTES_PER_PLAYER}),)

    def __init__(self, bench: Bench, stack: ExitStack) -> None:
        self.bench = bench
        build.c_program("rtmp-load")

    def measure(self, part: Part, side: str) -> Sample:
        return play(self.bench, side, ours=self.bench.is_ours(side), protocol="rtmp")


def play(bench: Bench, side: str, ours: bool, protocol: str) -> Sample:
    """One server with all players by one protocol. A fresh server each time: what it allocated once it may keep."""
    with ExitStack() as stack:
        origin = live.open_origin(bench, stack, side, ours, PLAYERS + 1)
        done = live.run(bench, origin.process, {
            "port": origin.rtmp, "play-port": origin.http if protocol == "flv" else origin.rtmp,
            "protocol": protocol, "players": PLAYERS}, MILLISECONDS)
    return Sample(
        cost=done.window.cpu_ns / done.done["bytes"],
        figures={**done.figures, "KB/player": done.grown / 1e3 / PLAYERS},
        disturbance=done.window.disturbance)
