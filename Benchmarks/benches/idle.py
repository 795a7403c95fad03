"""Ten thousand idle keep-alive connections, beside nginx with one worker: the memory of the server's processes."""

import time
from contextlib import ExitStack

from benches.benchmark import Bench, Benchmark
from benches.http import open_server
from harness import build
from harness.process import Process
from harness.procfs import Memory
from harness.rounds import Part, Sample

CONNECTIONS = 10_000


class Idle(Benchmark):
    name = "idle"
    summary = f"memory of a server with {CONNECTIONS} idle keep-alive HTTP connections, beside nginx"
    parts = (Part("idle", unit="MB", target=1.0, rounds=3),)

    def __init__(self, bench: Bench, stack: ExitStack) -> None:
        self.bench = bench
        self.program = str(build.c_program("http-idle"))

    def measure(self, part: Part, side: str) -> Sample:
        # A fresh server each time: what it allocated once it may keep.
        with ExitStack() as stack:
            server, port = open_server(self.bench, stack, side, CONNECTIONS)
            baseline = _steady_memory(server)
            command = [self.program, "--port", str(port), "--connections", str(CONNECTIONS)]
            load = stack.enter_context(self.bench.load("http-idle", command))
            load.expect("ready", 40)
            idle = _steady_memory(server)
            load.say("go")
            load.expect("done", 10)
            return Sample(
                cost=idle.once / 1e6,
                figures={
                    "before": baseline.once / 1e6,
                    "bytes/connection": (idle.once - baseline.once) / CONNECTIONS,
                    "RSS of all processes": idle.rss / 1e6,
                })


def _steady_memory(server: Process, patience: float = 5) -> Memory:
    """Once it has stopped changing, or after the patience."""
    deadline = time.monotonic() + patience
    last = server.memory()
    while True:
        time.sleep(0.3)
        server.require_running()
        now = server.memory()
        if abs(now.once - last.once) <= 0.002 * now.once or time.monotonic() > deadline:
            return now
        last = now
