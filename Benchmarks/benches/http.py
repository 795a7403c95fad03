"""Small answers over keep-alive connections, beside nginx with one worker: CPU time per request."""

import http.client
from contextlib import ExitStack

from benches.benchmark import Bench, Benchmark
from harness import build, peers
from harness.process import Failed, Process, free_port
from harness.rounds import SIDES, Part, Sample
from harness.window import Window

CONNECTIONS = 64
SECONDS = 3
FIELDS = ("Content-Type", "Content-Length", "Date")


class HTTP(Benchmark):
    name = "http"
    summary = f"1 KB answers from memory to {CONNECTIONS} keep-alive connections of wrk, beside nginx"
    parts = (Part("http", unit="cpu-us/request", target=1.3, rounds=7),)

    def __init__(self, bench: Bench, stack: ExitStack) -> None:
        self.bench = bench
        self.wrk = build.installed("wrk", "wrk")
        self.servers = {}
        for side in SIDES:
            server, port = open_server(bench, stack, side, CONNECTIONS)
            self.servers[side] = (server, port, response_size(server, port))

    def measure(self, part: Part, side: str) -> Sample:
        server, port, size = self.servers[side]
        wrk = [self.wrk, "-t", "1", "-c", str(CONNECTIONS), "-d", f"{SECONDS}s", "--latency",
               "-s", str(build.LOADS / "wrk-report.lua"), f"http://127.0.0.1:{port}/"]
        # wrk begins at once; the shell keeps it back until the window is open.
        with self.bench.load("wrk", ["sh", "-c", 'echo ready; read go; exec "$@"', "sh", *wrk]) as load:
            load.expect("ready", 5)
            with Window(server, load, self.bench.cores) as window:
                load.say("go")
                done = load.expect("done", SECONDS + 15)
        _require_answers(done, size)
        return Sample(
            cost=window.cpu_ns / 1000 / done["requests"],
            figures={
                "requests": done["requests"],
                "requests/s": done["requests"] / done["seconds"],
                "core %": window.cpu_ns / 1e7 / window.seconds,
                "p50 us": done["p50_us"],
                "p99 us": done["p99_us"],
                "bytes": size,
                "RSS MB": server.memory().rss / 1e6,
            },
            disturbance=window.disturbance)


def open_server(bench: Bench, stack: ExitStack, side: str, connections: int) -> tuple[Process, int]:
    """Starts our server or nginx with room for `connections`, and returns it with its port."""
    port = free_port()
    if bench.is_ours(side):
        command = [str(build.swift_program("bench-http")), str(port)]
    else:
        command = peers.nginx(bench.directory, port, connections)
    server = stack.enter_context(bench.server(f"{side} server", command))
    server.wait_until_listening(port)
    return server, port


def response_size(server: Process, port: int) -> int:
    """The bytes of one whole response, after a look at it: both sides must send the same."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/")
    response = connection.getresponse()
    body = response.read().decode()
    missing = [name for name in FIELDS if response.getheader(name) is None]
    if response.status != 200 or body != peers.BODY or missing:
        raise Failed(f"{server.name} answered {response.status} with {len(body)} bytes and without "
                     f"{missing or 'the body asked for'}")
    connection.close()
    fields = sum(len(f"{name}: {value}\r\n") for name, value in response.getheaders())
    return len(f"HTTP/1.1 {response.status} {response.reason}\r\n") + fields + 2 + len(body)


def _require_answers(done: dict[str, int | float], size: int) -> None:
    if done["errors"] or done["requests"] == 0:
        raise Failed(f"{done['errors']} errors in {done['requests']} requests")
    # Answers that were under way when wrk stopped count in its bytes only.
    slack = 2 * CONNECTIONS * size
    if abs(done["bytes"] - done["requests"] * size) > slack:
        raise Failed(f"{done['requests']} answers of {size} bytes cannot have been {done['bytes']} bytes")
