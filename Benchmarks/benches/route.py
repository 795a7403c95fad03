"""Where sessions go, beside a look-up of the same keys in a dictionary: nanoseconds, and what is asked of malloc."""

from contextlib import ExitStack

from benches.benchmark import Bench, Benchmark
from harness import build
from harness.process import Failed
from harness.rounds import Part, Sample
from harness.window import Window

ORIGINS = 1_000
CLAIMS = 100_000
PICKS = 500_000
MISSES = 5_000


class Route(Benchmark):
    name = "route"
    summary = f"the origin of one of {CLAIMS} claimed streams, beside a dictionary; then of streams that nobody has"
    parts = (
        Part("route", unit="cpu-ns/pick", target=3.0, rounds=5,
             limits={"ns": 500, "allocations": 0, "miss µs": 100}),)

    def __init__(self, bench: Bench, stack: ExitStack) -> None:
        self.bench = bench
        self.program = build.swift_program("bench-route")
        self.counter = build.c_program("malloc-count.so")

    def measure(self, part: Part, side: str) -> Sample:
        what = "route" if self.bench.is_ours(side) else "dictionary"
        command = [str(self.program), what, *map(str, (ORIGINS, CLAIMS, PICKS, MISSES))]
        with self.bench.server(f"{side} route", command, {"LD_PRELOAD": str(self.counter)}) as program:
            program.expect("ready", 60)
            with Window(program, None, self.bench.cores) as window:
                program.say("go")
                done = program.expect("done", 60)
            placed = MISSES if what == "route" else 0
            if done["found"] != PICKS or done["placed"] != placed or done["allocations"] < 0:
                raise Failed(f"{side}: {done} instead of {PICKS} found and {placed} placed")
            return Sample(
                cost=done["ns"] / PICKS,
                figures={
                    "ns": done["ns"] / PICKS, "allocations": done["allocations"] / PICKS,
                    "miss µs": done["miss-ns"] / MISSES / 1e3,
                    "miss allocations": done["miss-allocations"] / MISSES},
                disturbance=window.disturbance)
