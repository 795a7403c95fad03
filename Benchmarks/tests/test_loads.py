"""Each load must notice a server that does its work wrongly, and say how."""

import os
import tempfile
import unittest
from pathlib import Path

from harness import build
from harness.process import Failed, Process, free_port
from tests.faults import FaultyHTTPServer, FaultyTCPRelay, FaultyUDPRelay


class LoadTests(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.log = Path(directory.name) / "load.log"
        self.core = min(os.sched_getaffinity(0))

    def run_load(self, *command: str) -> dict[str, int | float]:
        program = str(build.c_program(command[0]))
        with Process(command[0], [program, *command[1:]], self.core, self.log) as load:
            load.expect("ready", 20)
            load.say("go")
            return load.expect("done", 20)

    def run_tcp(self, fault) -> dict[str, int | float]:
        port, origin = free_port(), free_port()
        with FaultyTCPRelay(port, origin, fault):
            return self.run_load(
                "tcp-load", "--mode", "live", "--relay", str(port), "--origin", str(origin),
                "--connections", "3", "--milliseconds", "200")

    def run_udp(self, fault) -> dict[str, int | float]:
        port, origin = free_port(), free_port()
        with FaultyUDPRelay(port, origin, fault):
            return self.run_load(
                "udp-load", "--relay", str(port), "--origin", str(origin), "--flows", "1", "--publishers", "0",
                "--rate", "1000", "--milliseconds", "200")

    def run_idle(self, answer: bytes, closes: bool = False) -> dict[str, int | float]:
        port = free_port()
        with FaultyHTTPServer(port, answer, closes):
            return self.run_load("http-idle", "--port", str(port), "--connections", "5")

    def test_a_good_tcp_relay_delivers_every_byte(self) -> None:
        done = self.run_tcp(lambda data: data)
        self.assertAlmostEqual(done["bytes"], 3 * 5 * 10_000, delta=40_000)

    def test_changed_moved_lost_and_cut_streams_are_noticed(self) -> None:
        faults = {
            "wrong bytes": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
            "wrong bytes within": lambda data: data[1:] + data[:1],
            "had not arrived|wrong bytes": lambda data: data[:-1],
            "more arrived|wrong bytes": lambda data: data + data,
            "closed it": lambda data: None,
        }
        for reason, fault in faults.items():
            with self.subTest(reason), self.assertRaisesRegex(Failed, reason):
                self.run_tcp(fault)

    def test_a_good_udp_relay_delivers_every_datagram(self) -> None:
        done = self.run_udp(lambda data: [data])
        self.assertEqual((done["packets"], done["sent"], done["bytes"]), (200, 200, 200 * 1200))

    def test_lost_datagrams_are_counted(self) -> None:
        done = self.run_udp(lambda data: [data] if data[4] % 2 else [])
        self.assertEqual((done["packets"], done["sent"]), (100, 200))

    def test_changed_doubled_and_cut_datagrams_are_noticed(self) -> None:
        faults = {
            "wrong bytes": lambda data: [data[:-1] + bytes([data[-1] ^ 1])],
            "twice or late": lambda data: [data, data],
            "of 1199 bytes instead of 1200": lambda data: [data[:-1]],
            "of flow 7": lambda data: [b"\x07\0\0\0" + data[4:]],
        }
        for reason, fault in faults.items():
            with self.subTest(reason), self.assertRaisesRegex(Failed, reason):
                self.run_udp(fault)

    def test_connections_that_stay_open_and_quiet_are_counted(self) -> None:
        done = self.run_idle(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        self.assertEqual(done["connections"], 5)

    def test_wrong_answers_and_closed_connections_are_noticed(self) -> None:
        good = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
        cases = [
            ("not a 200", b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", False),
            ("no Content-Length", b"HTTP/1.1 200 OK\r\n\r\n", False),
            ("bytes too many", good + b"!", False),
            ("did not keep connection", good, True),
        ]
        for reason, answer, closes in cases:
            with self.subTest(reason), self.assertRaisesRegex(Failed, reason):
                self.run_idle(answer, closes)


if __name__ == "__main__":
    unittest.main()
