"""One exact measurement: the CPU time of a server between two moments at which it is idle."""

import time
from collections.abc import Sequence

from harness import cores as machine
from harness import procfs
from harness.process import Failed, Process

# Shares of the measured time, or of the server's CPU time, that others may use before a window counts as disturbed.
# /proc/stat moves in whole ticks, which a window of a second turns into two percent.
FOREIGN_SHARE = 0.06
WAITING_SHARE = 0.03
# What a turn on an idle core costs of itself: the way of the wake-up from the other core.
WAKE_UP_NS = 5_000


class Window:
    """`with Window(…)` around the work; afterwards `cpu_ns`, `seconds` and `disturbance` tell what happened.

    The load runs on the load's core, and so do those `beside` it.
    """

    def __init__(
        self, server: Process, load: Process | None, cores: machine.Cores,
        beside: Sequence[Process] = (),
    ) -> None:
        self.server, self.cores = server, cores
        self.loads = [process for process in (load, *beside) if process]
        self.disturbance: str | None = None

    def __enter__(self) -> "Window":
        self._before = self._now()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            return
        self.server.require_running()
        elapsed, server, load, own, busy_server, busy_load = (
            after - before for after, before in zip(self._now(), self._before))
        self.seconds = elapsed
        self.cpu_ns = server.running
        if self.cpu_ns == 0:
            raise Failed(f"{self.server.name} used no CPU time: the load did not reach it")
        beside_server = (busy_server - server.running) / 1e9 / self.seconds
        beside_load = (busy_load - load - own) / 1e9 / self.seconds
        waiting = max(0, server.waiting - server.turns * WAKE_UP_NS) / server.running
        if beside_server > FOREIGN_SHARE or beside_load > FOREIGN_SHARE or waiting > WAITING_SHARE:
            self.disturbance = (
                f"others used {max(0, beside_server):.0%} of the server's core and {max(0, beside_load):.0%} of the "
                f"load's; the server waited another {waiting:.0%} of its CPU time for its core")

    def _now(self) -> tuple:
        """Time, CPU time of the server, the load and the harness, and of whoever runs on either core."""
        return (
            time.monotonic(),
            self.server.cpu_time(),
            sum(procfs.group_ns(pid) for load in self.loads for pid in procfs.tree(load.pid)),
            time.process_time_ns(),
            machine.busy_ns(self.cores.server),
            machine.busy_ns(self.cores.load),
        )
