"""The loads of the registry: each notices who does its work wrongly. And what the harness reads of servers."""

import json
import os
import sys
import tempfile
import threading
import unittest
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from harness import build, procfs, redis
from harness.lag import LagWatch
from harness.process import Failed, Process, free_port, free_ports


class TinyProxy(ThreadingHTTPServer):
    """A System API whose registry is a dictionary that several share."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, origins: dict[str, int], status: int = 200, forgets: bool = False, lag: float = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.origins, self.status, self.forgets, self.lag = origins, status, forgets, lag
        self.port = self.server_address[1]
        self.beats: list[dict] = []

    def __enter__(self) -> "TinyProxy":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def registered(self, beat: dict) -> int:
        self.beats.append(beat)
        known = beat["server"] in self.origins
        if beat.get("state") == "gone":
            self.origins.pop(beat["server"], None)
        elif not (self.forgets and known):
            self.origins[beat["server"]] = beat["summaries"]["data"]["system"]["conn_srs"]
        return self.status


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(self.server.registered(json.loads(body)), json.dumps({"code": 0}))

    def do_GET(self) -> None:
        if self.path == "/metrics":
            return self._answer(200, f"# HELP\nsluice_loop_lag_seconds {self.server.lag}\nother 7\n")
        name = self.path.removeprefix("/api/v1/origins").removeprefix("/")
        if name.startswith("?"):
            return self._answer(200, json.dumps({"data": {"total": len(self.server.origins)}}))
        known = self.server.origins.get(name)
        body = {"data": {"origin": {"connections": known}}}
        return self._answer(404 if known is None else 200, json.dumps(body))

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


class RegistryTests(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.core = min(os.sched_getaffinity(0))
        self.stack = ExitStack()
        self.addCleanup(self.stack.close)

    def start(self, name: str, *command: object) -> Process:
        log = self.directory / f"{name}.log"
        return self.stack.enter_context(Process(name, [*map(str, command)], self.core, log))

    def beat(self, *proxies: TinyProxy, seconds: float = 4) -> dict[str, int | float]:
        ports = ",".join(str(self.stack.enter_context(proxy).port) for proxy in proxies)
        load = self.start("beats", sys.executable, build.LOADS / "registry-beats.py", ports, 20, 1)
        load.expect("ready", 30)
        load.say(f"go {seconds}")
        return load.expect("done", 60)

    def redis(self) -> int:
        port = free_port()
        try:
            server = self.start("redis", *redis.server(self.directory, port))
        except Failed as reason:
            self.skipTest(str(reason))
        server.wait_until_listening(port)
        return port

    def test_beats_are_those_of_srs_and_are_seen_elsewhere(self) -> None:
        shared: dict[str, int] = {}
        proxies = [TinyProxy(shared), TinyProxy(shared)]
        done = self.beat(*proxies)
        self.assertEqual((done["failed"], done["lost"]), (0, 0))
        self.assertGreater(done["beats"], 20)
        self.assertLess(done["new_ms"], 10_000)
        beat = proxies[0].beats[0]
        self.assertEqual((beat["service"], beat["pid"], beat["rtmp"]), ("12345678", "1", ["1935"]))
        self.assertTrue(all(each.beats for each in proxies))

    def test_beats_that_are_refused_count_as_failed(self) -> None:
        shared: dict[str, int] = {}
        done = self.beat(TinyProxy(shared, status=500), TinyProxy(shared, status=500))
        self.assertEqual(done["failed"], done["beats"])

    def test_a_beat_that_nobody_else_hears_of_is_lost(self) -> None:
        shared: dict[str, int] = {}
        done = self.beat(TinyProxy(shared, forgets=True), TinyProxy(shared, forgets=True), seconds=2.5)
        self.assertGreater(done["lost"], 0)

    def test_the_peer_reads_and_renews_what_is_there(self) -> None:
        port = self.redis()
        load = self.start(
            "peer", sys.executable, build.LOADS / "registry-peer.py", port, 2, 50, 20, 100, 10)
        load.expect("ready", 30)
        console = self.stack.enter_context(redis.Console(port))
        console.reset()
        load.say("go 3")
        done = load.expect("done", 60)
        figures = console.figures(3, uses_scripts=False)
        self.assertEqual(done["missing"], 0)
        self.assertGreaterEqual(done["reads"], 1)
        self.assertGreater(done["beats"], 0)
        self.assertGreater(figures.commands, 10)
        self.assertEqual(figures.inside, 0)
        console.ask("FLUSHALL")
        load.say("go 2")
        self.assertGreater(load.expect("done", 60)["missing"], 0)

    def test_what_scripts_call_is_told_from_what_clients_send(self) -> None:
        console = self.stack.enter_context(redis.Console(self.redis()))
        console.reset()
        console.ask("""EVAL "for index = 1, 50 do redis.call('HGET', 'a', 'b') end"""
                    """ redis.call('ZRANGE', 'c', 0, -1)" 0""")
        console.ask("SET a 1")
        figures = console.figures(1, uses_scripts=True)
        self.assertEqual(figures.inside, 51)
        self.assertTrue(2 <= figures.commands <= 5, figures.commands)
        self.assertGreater(figures.longest_ms, 0)

    def test_connections_of_one_process_are_cut_and_others_are_not(self) -> None:
        port = self.redis()
        console = self.stack.enter_context(redis.Console(port))
        program = ("import socket, sys\nwith socket.create_connection(('127.0.0.1', int(sys.argv[1]))) as other:\n"
                   "    print('ready', flush=True)\n    print(f'done bytes={len(other.recv(1))}', flush=True)\ninput()")
        client = self.start("client", sys.executable, "-c", program, port)
        client.expect("ready", 20)
        ports = procfs.ports_to(client.pid, port)
        self.assertEqual(len(ports), 1)
        console.cut(ports)
        client.expect("done", 20)
        self.assertEqual(procfs.ports_to(client.pid, port), [])
        self.assertEqual(console.ask("PING"), "PONG")

    def test_the_longest_lag_of_any_loop_counts(self) -> None:
        proxies = [self.stack.enter_context(TinyProxy({}, lag=lag)) for lag in (0.25, 0.5)]
        waited = threading.Event()
        with LagWatch([proxy.port for proxy in proxies]) as lag:
            waited.wait(6)
        self.assertEqual(lag.longest, 0.5)

    def test_a_program_without_metrics_fails_the_watch(self) -> None:
        with self.assertRaisesRegex(Failed, "metrics"), LagWatch([free_port()]):
            threading.Event().wait(1.5)

    def test_ports_are_different_ones(self) -> None:
        self.assertEqual(len(set(free_ports(40))), 40)


if __name__ == "__main__":
    unittest.main()
