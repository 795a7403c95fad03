"""RTMP publishers, beside nginx with its RTMP module: CPU time per received frame."""

from contextlib import ExitStack

from benches import live
from benches.benchmark import Bench, Benchmark
from harness import build
from harness.rounds import Part, Sample

PUBLISHERS = 300
# On every hundredth stream: what they get tells that frames are taken in whole and in order.
PLAYERS = 3
MILLISECONDS = 3000


class RTMPPublish(Benchmark):
    name = "rtmp-publish"
    summary = f"{PUBLISHERS} RTMP publishers of 600 kbit/s on one origin core, beside nginx-rtmp"
    parts = (Part("rtmp-publish", unit="cpu-us/frame", target=0.8, rounds=5),)

    def __init__(self, bench: Bench, stack: ExitStack) -> None:
        self.bench = bench
        build.c_program("rtmp-load")

    def measure(self, part: Part, side: str) -> Sample:
        with ExitStack() as stack:
            origin = live.open_origin(self.bench, stack, side, self.bench.is_ours(side), PUBLISHERS + PLAYERS)
            done = live.run(self.bench, origin.process, {
                "port": origin.rtmp, "publishers": PUBLISHERS, "players": PLAYERS}, MILLISECONDS)
        return Sample(
            cost=done.window.cpu_ns / 1000 / done.done["published"],
            figures={
                "frames": done.done["published"],
                **done.figures,
                "MB": done.done["published_bytes"] / 1e6,
                "KB/publisher": done.grown / 1e3 / PUBLISHERS,
            },
            disturbance=done.window.disturbance)
