"""HTTP-FLV players of one stream, beside as many by RTMP of the same server: CPU time per delivered gigabyte."""

from contextlib import ExitStack

from benches import rtmp_play
from benches.benchmark import Bench, Benchmark
from harness import build
from harness.rounds import Part, Sample


class FLVPlay(Benchmark):
    name = "flv-play"
    summary = f"{rtmp_play.PLAYERS} HTTP-FLV players of one stream of 600 kbit/s, beside the same by RTMP"
    parts = (Part("flv-play", unit="cpu-s/GB", target=1.1, rounds=5,
                  limits={"KB/player": rtmp_play.KILOBYTES_PER_PLAYER}),)

    def __init__(self, bench: Bench, stack: ExitStack) -> None:
        self.bench = bench
        build.c_program("rtmp-load")

    def measure(self, part: Part, side: str) -> Sample:
        # The peer is our own origin by the other protocol.
        return rtmp_play.play(self.bench, side, ours=True, protocol="flv" if self.bench.is_ours(side) else "rtmp")
