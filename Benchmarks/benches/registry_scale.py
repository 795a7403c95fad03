"""What a fleet asks of the Redis that it shares, and what that does to its loops, beside a registry of plain keys."""

import sys
import time
from contextlib import ExitStack
from math import nan

from benches.benchmark import Bench, Benchmark
from harness import build, procfs, programs, redis
from harness.lag import LagWatch
from harness.process import Failed, Process, free_port
from harness.rounds import Part, Sample
from harness.window import Window

PROXIES = 10
ORIGINS = 1_000
INTERVAL = 9
CLAIMS = 10_000
# Publishers that end, and others that begin, in a second.
CHANGES = 10
# From the first beat of all origins: as long as they need for a rhythm.
SETTLE = 10
# Two sweeps of renewals.
SECONDS = 20
# How often the links of a proxy are cut, and after how long it has read everything again.
RETURNS, RETURN = 3, 2


class RegistryScale(Benchmark):
    name = "registry-scale"
    summary = (f"{ORIGINS} origins that beat every {INTERVAL} s and {CLAIMS} claims, shared by {PROXIES} proxies, beside "
               "plain keys")
    parts = (
        Part("registry-scale", unit="core-%", target=3.0, rounds=2, warm_up=False,
             limits={"commands/s": 400, "core %": 10, "script ms": 5, "proxy core %": 3, "stall ms": 10,
                     "return ms": 20, "new ms": 100, "beat ms": 1_000}),)

    def __init__(self, bench: Bench, stack: ExitStack) -> None:
        self.bench = bench
        self.claims = build.swift_program("bench-claims")
        build.swift_program("sluice-proxy")

    def measure(self, part: Part, side: str) -> Sample:
        # Anew each time: the other side's programs would go on working.
        with ExitStack() as stack:
            port = free_port()
            server = stack.enter_context(
                self.bench.server(f"{side} Redis", redis.server(self.bench.directory, port)))
            server.wait_until_listening(port)
            console = stack.enter_context(redis.Console(port))
            measure = self._ours if self.bench.is_ours(side) else self._peer
            return measure(stack, server, console, port)

    def _ours(self, stack: ExitStack, server: Process, console: redis.Console, port: int) -> Sample:
        ports, proxies = [], []
        for number, (system, program) in enumerate(programs.fleet(PROXIES, port)):
            # The first one is watched: among the others its rounds would be as long as those wait for each other.
            start = self.bench.load if number else self.bench.server
            ports.append(system)
            proxies.append(stack.enter_context(start(f"proxy {number}", program.command, program.environment)))
        for system, proxy in zip(ports, proxies):
            proxy.wait_until_listening(system)
        claims = stack.enter_context(self.bench.load("bench-claims", [
            str(self.claims), f"redis://127.0.0.1:{port}", *map(str, (PROXIES, ORIGINS, CLAIMS, CHANGES))]))
        beats = stack.enter_context(self._script(
            "registry-beats.py", ",".join(map(str, ports)), ORIGINS, INTERVAL))
        claims.expect("ready", 60)
        beats.expect("ready", 60)
        time.sleep(SETTLE)
        before = [proxy.cpu_time().running for proxy in proxies]
        console.reset()
        with LagWatch(ports[:1]) as lag, Window(server, beats, self.bench.cores, [*proxies[1:], claims]) as window:
            beats.say(f"go {SECONDS}")
            done = beats.expect("done", SECONDS + 30)
        figures = console.figures(window.seconds, uses_scripts=True)
        shares = [(proxy.cpu_time().running - earlier) / 1e7 / window.seconds
                  for proxy, earlier in zip(proxies, before)]
        claims.say("report")
        held = claims.expect("done", 10)
        self._require(done, window.seconds)
        if held["lost"] or not CLAIMS - CHANGES <= held["held"] <= CLAIMS:
            raise Failed(f"{held} instead of {CLAIMS} claims held, none lost")
        with LagWatch(ports[:1]) as again:
            time.sleep(2.5)
            for _ in range(RETURNS):
                console.cut(procfs.ports_to(proxies[0].pid, port))
                time.sleep(RETURN)
        return self._sample(window, figures, {
            "proxy core %": max(shares), "stall ms": lag.longest * 1e3, "return ms": again.longest * 1e3,
            "new ms": done["new_ms"], "new max": done["new_max_ms"], "beat ms": done["known_ms"],
            "beat max": done["known_max_ms"]})

    def _peer(self, stack: ExitStack, server: Process, console: redis.Console, port: int) -> Sample:
        load = stack.enter_context(self._script(
            "registry-peer.py", port, PROXIES, ORIGINS, INTERVAL, CLAIMS, CHANGES))
        load.expect("ready", 60)
        time.sleep(2)
        console.reset()
        with Window(server, load, self.bench.cores) as window:
            load.say(f"go {SECONDS}")
            done = load.expect("done", SECONDS + 30)
        figures = console.figures(window.seconds, uses_scripts=False)
        self._require({**done, "failed": done["missing"], "lost": 0}, window.seconds)
        if done["reads"] < 0.9 * PROXIES * window.seconds or done["renewals"] < 0.5 * CLAIMS * window.seconds / 10:
            raise Failed(f"{done}: the peer has not done its work")
        return self._sample(window, figures, dict.fromkeys(
            ("proxy core %", "stall ms", "return ms", "new ms", "new max", "beat ms", "beat max"), nan))

    def _script(self, name: str, *arguments: object) -> Process:
        return self.bench.load(name, [sys.executable, str(build.LOADS / name), *map(str, arguments)])

    @staticmethod
    def _require(done: dict[str, int | float], seconds: float) -> None:
        expected = ORIGINS / INTERVAL * seconds
        if done["failed"] or done["lost"] or done["beats"] < 0.9 * expected:
            raise Failed(f"{done} instead of {expected:.0f} beats, none failed or lost")

    @staticmethod
    def _sample(window: Window, figures: redis.Figures, ours: dict[str, float]) -> Sample:
        share = window.cpu_ns / 1e7 / window.seconds
        return Sample(
            cost=share,
            figures={
                "commands/s": figures.commands, "inside/s": figures.inside, "core %": share,
                "script ms": figures.longest_ms, "KB/s in": figures.kilobytes_in, "KB/s out": figures.kilobytes_out,
                **ours},
            disturbance=window.disturbance)
