"""CPU time and memory of a process and all its descendants, from /proc."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CPUTime:
    """Nanoseconds since the processes started; `waiting` is time spent ready to run, over all `turns` on the core."""

    running: int
    waiting: int
    turns: int

    def __sub__(self, earlier: "CPUTime") -> "CPUTime":
        return CPUTime(self.running - earlier.running, self.waiting - earlier.waiting, self.turns - earlier.turns)


@dataclass(frozen=True)
class Memory:
    """Resident bytes. `once` counts a page that several processes of the tree map once, `rss` once for each.

    Neither depends on what other programs share with these, as the proportional set size does.
    """

    once: int
    rss: int


def tree(root: int) -> list[int]:
    """The process and its living descendants."""
    found = [root]
    for pid in found:
        for task in _numbers(f"/proc/{pid}/task"):
            try:
                children = Path(f"/proc/{pid}/task/{task}/children").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            found.extend(int(child) for child in children.split())
    return found


def cpu_time(root: int) -> CPUTime:
    """From schedstat, which counts in nanoseconds, unlike the ticks of `stat`."""
    running = waiting = turns = 0
    for pid in tree(root):
        for task in _numbers(f"/proc/{pid}/task"):
            try:
                fields = Path(f"/proc/{pid}/task/{task}/schedstat").read_text().split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            running += int(fields[0])
            waiting += int(fields[1])
            turns += int(fields[2])
    return CPUTime(running, waiting, turns)


def group_ns(pid: int) -> int:
    """CPU time of one process with the threads that it has already ended, in steps of one clock tick (10 ms)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def ports_to(pid: int, port: int) -> list[int]:
    """The ports by which a process is connected to one of this machine, over IPv4."""
    own = set()
    for descriptor in _numbers(f"/proc/{pid}/fd"):
        try:
            own.add(os.readlink(f"/proc/{pid}/fd/{descriptor}"))
        except FileNotFoundError:
            continue
    found = []
    for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[2].partition(":")[2], 16) == port and f"socket:[{fields[9]}]" in own:
            found.append(int(fields[1].partition(":")[2], 16))
    return found


def memory(root: int) -> Memory:
    """Pages of a file count as the process that has most of them has; the others map the same ones."""
    files: dict[str, int] = {}
    private = shared = rss = 0
    for pid in tree(root):
        own: dict[str, int] = {}
        own_shared = 0
        for name, sizes in _mappings(pid):
            rss += sizes["Rss"]
            if name.startswith("/"):
                own[name] = own.get(name, 0) + sizes["Rss"]
            else:
                private += sizes["Private_Clean"] + sizes["Private_Dirty"]
                own_shared += sizes["Shared_Clean"] + sizes["Shared_Dirty"]
        shared = max(shared, own_shared)
        for name, size in own.items():
            files[name] = max(files.get(name, 0), size)
    return Memory(once=sum(files.values()) + private + shared, rss=rss)


def _mappings(pid: int) -> Iterator[tuple[str, dict[str, int]]]:
    """The name of each mapping, empty for anonymous memory, and its sizes in bytes."""
    name, sizes = "", {}
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        key, _, value = line.partition(":")
        if value.endswith(" kB"):
            sizes[key] = int(value.split()[0]) * 1024
        elif key == "VmFlags":
            yield name, sizes
        else:
            fields = line.split(maxsplit=5)
            if len(fields) >= 5 and "-" in fields[0]:
                name, sizes = (fields[5] if len(fields) > 5 else ""), {}


def _numbers(path: str) -> list[int]:
    try:
        return [int(name) for name in os.listdir(path) if name.isdigit()]
    except (FileNotFoundError, ProcessLookupError):
        return []
