"""What the benchmarks of live streams have in common: the servers of either side, and one run of the load."""

from contextlib import ExitStack
from dataclasses import dataclass

from benches.benchmark import Bench
from harness import build, peers, programs
from harness.process import Failed, Process, free_port
from harness.window import Window

RATE = 600_000
# What a server may gather into one write is what SRS gathers: 350 ms.
LONGEST_DELIVERY_US = 500_000
# A server that stalls for as long as players buffer is not sustaining the load.
LONGEST_TAIL_US = 1_000_000


@dataclass(frozen=True)
class Origin:
    """A streaming server and its ports; nginx has none for HTTP-FLV."""

    process: Process
    rtmp: int
    http: int


def open_origin(
    bench: Bench, stack: ExitStack, side: str, ours: bool, connections: int, beside: bool = False,
) -> Origin:
    """Starts our origin or nginx with its RTMP module: on the server's core, or on the load's `beside` it."""
    rtmp, http = free_port(), free_port()
    start, name = (bench.load if beside else bench.server), f"{side} origin"
    if ours:
        program = programs.origin(rtmp, http, connections)
        process = stack.enter_context(start(name, program.command, program.environment))
        process.wait_until_listening(http)
    else:
        process = stack.enter_context(start(name, peers.nginx_rtmp(bench.directory, rtmp, connections)))
    process.wait_until_listening(rtmp)
    return Origin(process, rtmp, http)


@dataclass(frozen=True)
class Run:
    """What the load counted, the window around it, and what the server had more in memory after it than before."""

    done: dict[str, int | float]
    window: Window
    grown: int

    @property
    def figures(self) -> dict[str, float]:
        return {
            "MB": self.done["bytes"] / 1e6,
            "core %": self.window.cpu_ns / 1e7 / self.window.seconds,
            "load's core %": 100 * self.done["load_cpu"] / self.done["seconds"],
            "p50 us": self.done["p50_us"],
            "p99 us": self.done["p99_us"],
        }


def run(
    bench: Bench, server: Process, options: dict[str, object], milliseconds: int, beside: Process | None = None,
) -> Run:
    """One run of rtmp-load; `options` are its own, without the dashes."""
    command = [str(build.c_program("rtmp-load")), "--mode", "live"]
    for name, value in {"rate": RATE, "milliseconds": milliseconds, **options}.items():
        command += [f"--{name}", str(value)]
    before = server.memory().rss
    with bench.load("rtmp-load", command) as load:
        load.expect("ready", 60)
        with Window(server, load, bench.cores, [beside] if beside else []) as window:
            load.say("go")
            done = load.expect("done", milliseconds / 1000 + 20)
        # All are still connected, and the queues have been as long as they get.
        grown = server.memory().rss - before
    _require(done, options)
    return Run(done, window, grown)


def _require(done: dict[str, int | float], options: dict[str, object]) -> None:
    players = options["players"]
    if done["with_metadata"] != players:
        raise Failed(f"{players - done['with_metadata']} of {players} players had no metadata")
    if done["p50_us"] > LONGEST_DELIVERY_US or done["p99_us"] > LONGEST_TAIL_US:
        raise Failed(f"half of the frames took more than {done['p50_us']} µs, a hundredth {done['p99_us']} µs")
