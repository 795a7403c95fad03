"""The timers of the reactor beside those of libevent: nanoseconds per arm and cancel with a million armed."""

from contextlib import ExitStack

from benches.benchmark import Bench, Benchmark
from harness import build
from harness.process import Failed
from harness.rounds import Part, Sample
from harness.window import Window

ARMED = 1_000_000
OPERATIONS = 2_000_000
FIRED = 500


class Timers(Benchmark):
    name = "timers"
    summary = "one arm and one cancel while a million timers are armed, beside libevent"
    parts = (Part("timers", unit="cpu-ns/arm+cancel", target=1.0, rounds=5),)

    def __init__(self, bench: Bench, stack: ExitStack) -> None:
        self.bench = bench
        self.commands = {
            "ours": build.c_program("timers-libevent") if bench.peer_twice else build.swift_program("bench-timers"),
            "peer": build.c_program("timers-libevent"),
        }

    def measure(self, part: Part, side: str) -> Sample:
        command = [str(self.commands[side]), str(ARMED), str(OPERATIONS)]
        with self.bench.server(f"{side} timers", command) as program:
            program.expect("ready", 30)
            memory = program.memory()
            with Window(program, None, self.bench.cores) as window:
                program.say("go")
                done = program.expect("done", 60)
            if done["operations"] != OPERATIONS or done["armed"] != ARMED or done["fired"] != FIRED:
                raise Failed(f"{side}: {done} instead of {OPERATIONS} operations, {ARMED} armed, {FIRED} fired")
            return Sample(
                cost=done["ns"] / OPERATIONS,
                figures={"RSS MB": memory.rss / 1e6, "bytes/timer": memory.rss / ARMED},
                disturbance=window.disturbance)
