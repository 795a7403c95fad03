#!/usr/bin/env python3
"""Runs the benchmarks: ours and a peer in turns, the server on one core and the load on another.

Each benchmark ends with a line `BENCH <name> ratio=<ours/peer> …`; lower is better. The exit status is 1 when the work
of a benchmark was not done, or, with --strict, when a target was missed.
"""

import argparse
import dataclasses
import os
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benches.benchmark import Bench, Benchmark
from benches.flv_play import FLVPlay
from benches.http import HTTP
from benches.idle import Idle
from benches.relay_live import FLVRelay, RTMPRelay
from benches.registry_scale import RegistryScale
from benches.relay_tcp import RelayTCP
from benches.route import Route
from benches.rtmp_play import RTMPPlay
from benches.rtmp_publish import RTMPPublish
from benches.storm import Storm
from benches.timers import Timers
from benches.udp import UDP
from harness import cores, report, rounds
from harness.process import Failed

BENCHMARKS: dict[str, type[Benchmark]] = {kind.name: kind for kind in (
    RelayTCP, HTTP, Idle, UDP, Timers, Route, RTMPPlay, FLVPlay, RTMPPublish, RTMPRelay, FLVRelay, Storm,
    RegistryScale)}


def main() -> int:
    arguments = _arguments()
    if arguments.check:
        return 0
    # Ends what was started, as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    both = cores.choose()
    os.sched_setaffinity(0, {both.load})
    status = 0
    for name in [arguments.name] if arguments.name else list(BENCHMARKS):
        try:
            status |= _run(BENCHMARKS[name], both, arguments)
        except Failed as reason:
            print(f"{name}: failed: {reason}", flush=True)
            status = 1
    return status


def _run(kind: type[Benchmark], both: cores.Cores, arguments: argparse.Namespace) -> int:
    began = time.monotonic()
    print(f"{kind.name}: {kind.summary}; server on core {both.server}, load on core {both.load}", flush=True)
    outcomes = []
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        # A server that gives up its rights must still reach its own files.
        directory.chmod(0o755)
        benchmark = kind(Bench(both, directory, arguments.peer_twice), stack)
        for part in kind.parts:
            if arguments.part and part.name != arguments.part:
                continue
            if arguments.rounds:
                part = dataclasses.replace(part, rounds=arguments.rounds)
            outcome = rounds.alternate(
                part, lambda side: benchmark.measure(part, side), lambda: cores.settle(both, arguments.patience), _say)
            outcomes.append(outcome)
            _say(report.table(outcome))
    _say(f"{kind.name}: took {time.monotonic() - began:.0f} s")
    for line in report.verdicts(kind.name, outcomes):
        _say(line)
    return int(arguments.strict and not all(outcome.met for outcome in outcomes))


def _say(text: str) -> None:
    print(text, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", choices=list(BENCHMARKS), help="one benchmark; all of them without it")
    parser.add_argument("--part", help="only this part, for example live")
    parser.add_argument("--rounds", type=int, help="rounds of each part")
    parser.add_argument("--patience", type=float, default=1, metavar="SECONDS",
                        help="how long to wait, before each round, for others to leave the cores (default: 1)")
    parser.add_argument("--peer-twice", action="store_true", help="the peer against itself: the noise of this machine")
    parser.add_argument("--check", action="store_true", help="look at the arguments and end")
    parser.add_argument("--strict", action="store_true", help="exit with status 1 when a target was missed")
    arguments = parser.parse_args()
    if arguments.part and arguments.part not in {part.name for kind in BENCHMARKS.values() for part in kind.parts}:
        parser.error(f"no benchmark has a part \"{arguments.part}\"")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
