"""A storm of RTMP connects, beside nginx with its RTMP module: CPU time per connect. An error fails it."""

from contextlib import ExitStack

from benches import live
from benches.benchmark import Bench, Benchmark
from harness import build
from harness.process import Failed
from harness.rounds import Part, Sample
from harness.window import Window

CONNECTS_PER_SECOND = 1000
MILLISECONDS = 4000
# Connects that are under way at once, when each takes a second.
ROOM = 2000


class Storm(Benchmark):
    name = "storm"
    summary = f"{CONNECTS_PER_SECOND} RTMP connects a second, each up to the start of play, beside nginx-rtmp"
    # No ratio is asked for: the storm has to be weathered without an error.
    parts = (Part("storm", unit="cpu-us/connect", target=None, rounds=4),)

    def __init__(self, bench: Bench, stack: ExitStack) -> None:
        self.bench = bench
        self.program = str(build.c_program("rtmp-load"))

    def measure(self, part: Part, side: str) -> Sample:
        with ExitStack() as stack:
            origin = live.open_origin(self.bench, stack, side, self.bench.is_ours(side), ROOM)
            server = origin.process
            before = server.memory().rss
            load = stack.enter_context(self.bench.load("rtmp-load", [
                self.program, "--mode", "storm", "--port", str(origin.rtmp), "--until", "play",
                "--connects-per-second", str(CONNECTS_PER_SECOND), "--milliseconds", str(MILLISECONDS)]))
            load.expect("ready", 10)
            with Window(server, load, self.bench.cores) as window:
                load.say("go")
                done = load.expect("done", MILLISECONDS / 1000 + 20)
            grown = server.memory().rss - before
        _require_connects(done)
        return Sample(
            cost=window.cpu_ns / 1000 / done["connects"],
            figures={
                "connects": done["connects"],
                "core %": window.cpu_ns / 1e7 / window.seconds,
                "load's core %": 100 * done["load_cpu"] / done["seconds"],
                "at once": done["most_open"],
                "p50 us": done["p50_us"],
                "p99 us": done["p99_us"],
                "grown MB": grown / 1e6,
            },
            disturbance=window.disturbance)


def _require_connects(done: dict[str, int | float]) -> None:
    if done["errors"]:
        kinds = {name: done[name] for name in (
            "refused", "closed", "rejected", "malformed", "wrong_media", "timed_out") if done[name]}
        raise Failed(f"{done['errors']} of {done['connects']} connects failed: {kinds}")
    if done["connects"] != CONNECTS_PER_SECOND * MILLISECONDS // 1000:
        raise Failed(f"{done['connects']} connects, not {CONNECTS_PER_SECOND * MILLISECONDS // 1000}")
    if done["seconds"] > MILLISECONDS / 1000 + 1:
        raise Failed(f"the connects took {done['seconds']} s")
