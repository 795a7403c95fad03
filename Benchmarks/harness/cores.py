"""The two cores of a benchmark: one for the server, one for the load and for the harness itself."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cores:
    server: int
    load: int


def choose() -> Cores:
    """The first core and the next one that is not its hyperthread."""
    usable = sorted(os.sched_getaffinity(0))
    for core in usable[1:]:
        if core not in _siblings(usable[0]):
            return Cores(server=usable[0], load=core)
    raise SystemExit(f"a benchmark needs two cores that are not hyperthreads of each other; usable here: {usable}")


def _siblings(core: int) -> set[int]:
    path = Path(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list")
    if not path.exists():
        return {core}
    siblings = set()
    for part in path.read_text().strip().split(","):
        first, _, last = part.partition("-")
        siblings.update(range(int(first), int(last or first) + 1))
    return siblings


def busy_ns(core: int) -> int:
    """CPU time that anyone used on a core since boot, in steps of one clock tick (10 ms)."""
    for line in Path("/proc/stat").read_text().splitlines():
        fields = line.split()
        if fields[0] == f"cpu{core}":
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[1:9])
            return (user + nice + system + irq + softirq + steal) * TICK_NS
    raise SystemExit(f"/proc/stat has no line for core {core}")


def settle(cores: Cores, patience: float) -> None:
    """Waits until neither core was used for a moment, or until the patience is over."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        before = busy_ns(cores.server) + busy_ns(cores.load)
        time.sleep(0.2)
        if busy_ns(cores.server) + busy_ns(cores.load) - before <= TICK_NS:
            return
