"""Rounds, verdicts, windows and processes."""

import math
import os
import sys
import tempfile
import time
import unittest
from pathlib import Path

from harness import cores, procfs, report, rounds
from harness.process import Failed, Process, free_port
from harness.rounds import Part, Sample
from harness.window import Window

BURN = "while True: pass"
# Takes a line, works for 0.6 s, and says so.
WORK = ("import time\ninput()\nend = time.process_time() + 0.6\nwhile time.process_time() < end: pass\n"
        "print('done x=1', flush=True)\ninput()")
STUBBORN = ("import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "if os.fork(): print('ready', flush=True)\ntime.sleep(60)")


class RoundTests(unittest.TestCase):
    part = Part("part", unit="x", target=0.5, rounds=3)

    def alternate(self, samples) -> tuple[rounds.Outcome, list[str]]:
        order = []

        def measure(side: str) -> Sample:
            order.append(side)
            return samples(side, len(order))

        return rounds.alternate(self.part, measure, lambda: None, lambda _: None), order

    def test_sides_take_turns_and_the_first_round_does_not_count(self) -> None:
        outcome, order = self.alternate(lambda side, n: Sample(100 if n <= 2 else {"ours": 2, "peer": 5}[side]))
        self.assertEqual(order, ["ours", "peer", "ours", "peer", "peer", "ours", "ours", "peer"])
        self.assertEqual((outcome.ratio, outcome.met, outcome.repeated, outcome.disturbed), (0.4, True, 0, 0))

    def test_a_part_that_is_warm_by_itself_has_no_round_that_does_not_count(self) -> None:
        self.part = Part("part", unit="x", target=0.5, rounds=2, warm_up=False)
        outcome, order = self.alternate(lambda side, n: Sample({"ours": 2, "peer": 5}[side], {"new": math.nan}))
        self.assertEqual((order, outcome.ratio), (["ours", "peer", "peer", "ours"], 0.4))
        self.assertEqual(report.table(outcome).splitlines()[2].split()[-1], "-")

    def test_a_disturbed_round_is_repeated(self) -> None:
        outcome, order = self.alternate(lambda side, n: Sample(1, {}, "noise" if n == 3 else None))
        self.assertEqual((len(order), outcome.repeated, outcome.disturbed), (10, 1, 0))

    def test_rounds_that_stay_disturbed_count_and_are_told(self) -> None:
        outcome, order = self.alternate(lambda side, n: Sample(1, {}, "noise"))
        self.assertEqual((len(order), outcome.repeated, outcome.disturbed), (14, 3, 3))
        self.assertIn("disturbed=3", report.verdicts("name", [outcome])[-1])

    def test_the_last_line_is_for_all_parts(self) -> None:
        good, _ = self.alternate(lambda side, n: Sample({"ours": 2, "peer": 5}[side]))
        bad, _ = self.alternate(lambda side, n: Sample({"ours": 4, "peer": 5}[side]))
        self.assertTrue(report.verdicts("name", [good])[-1].startswith("BENCH name ratio=0.400 target<=0.5 met "))
        last = report.verdicts("name", [good, bad])[-1]
        self.assertTrue(last.startswith("BENCH name ratio=0.400 "), last)
        self.assertTrue(last.endswith(" missed"), last)

    def test_a_part_may_limit_a_figure_of_ours_and_ask_for_no_ratio(self) -> None:
        for kilobytes, met in ((40, True), (41, False)):
            self.part = Part("part", unit="x", target=None, rounds=1, limits={"KB/player": 40})
            outcome, _ = self.alternate(
                lambda side, n: Sample(9 if side == "ours" else 1, {"KB/player": kilobytes if side == "ours" else 99}))
            self.assertEqual(outcome.met, met)
            line = report.verdicts("name", [outcome])[-1]
            self.assertIn(f"ratio=9.000 KB/player={kilobytes}<=40 {'met' if met else 'missed'} ", line)


class ProcessTests(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.log = Path(directory.name) / "log"
        try:
            self.cores = cores.choose()
        except SystemExit as reason:
            self.skipTest(str(reason))

    def python(self, program: str, core: int) -> Process:
        return Process("program", [sys.executable, "-c", program], core, self.log)

    def test_a_window_counts_the_cpu_time_of_the_server_alone(self) -> None:
        with self.python(WORK, self.cores.server) as server:
            with Window(server, None, self.cores) as window:
                server.say("")
                server.expect("done", 20)
        self.assertAlmostEqual(window.cpu_ns / 1e9, 0.6, delta=0.1)

    def test_a_stranger_on_the_core_of_the_server_is_noticed(self) -> None:
        with self.python(WORK, self.cores.server) as server, self.python(BURN, self.cores.server):
            with Window(server, None, self.cores) as window:
                server.say("")
                server.expect("done", 20)
        self.assertIn("of the server's core", window.disturbance or "")

    def test_a_server_that_did_nothing_fails_the_window(self) -> None:
        with self.python("input()", self.cores.server) as server:
            time.sleep(0.3)
            with self.assertRaisesRegex(Failed, "the load did not reach it"), Window(server, None, self.cores):
                pass

    def test_a_server_that_ended_fails_with_its_last_words(self) -> None:
        with self.python("raise SystemExit('no such option')", self.cores.server) as server:
            with self.assertRaisesRegex(Failed, "no such option"):
                server.wait_until_listening(free_port())

    def test_a_program_that_ignores_the_end_is_killed_with_its_children(self) -> None:
        with self.python(STUBBORN, self.cores.server) as program:
            program.expect("ready", 10)
            pids = procfs.tree(program.pid)
        self.assertEqual(len(pids), 2)
        deadline = time.monotonic() + 5
        while any(_lives(pid) for pid in pids) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual([pid for pid in pids if _lives(pid)], [])


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


if __name__ == "__main__":
    unittest.main()
