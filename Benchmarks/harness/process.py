"""Programs under measurement and the loads beside them: started on their core, and never left behind."""

import ctypes
import os
import random
import resource
import select
import signal
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

from harness import procfs

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Failed(Exception):
    """The work of a benchmark was not done, so that its figures mean nothing."""


class Process:
    """One program in a process group of its own, on one core; ends with the `with` block."""

    def __init__(
        self, name: str, command: list[str], core: int, log: Path, environment: dict[str, str] | None = None,
    ) -> None:
        self.name, self.command, self.core, self.log = name, command, core, log
        self.environment = {**os.environ, **(environment or {})}

    def __enter__(self) -> "Process":
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                env=self.environment, start_new_session=True, preexec_fn=self._prepare)
        self._unread = b""
        return self

    def _prepare(self) -> None:
        os.sched_setaffinity(0, {self.core})
        # A harness that is killed outright takes its programs with it.
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def __exit__(self, *_: object) -> None:
        # The group, not only the child: a master that is killed leaves its workers.
        for end, patience in ((signal.SIGTERM, 2), (signal.SIGKILL, 5)):
            try:
                os.killpg(self.child.pid, end)
            except ProcessLookupError:
                break
            try:
                self.child.wait(patience)
            except subprocess.TimeoutExpired:
                continue
        self.child.stdin.close()
        self.child.stdout.close()

    @property
    def pid(self) -> int:
        return self.child.pid

    def cpu_time(self) -> procfs.CPUTime:
        return procfs.cpu_time(self.pid)

    def memory(self) -> procfs.Memory:
        return procfs.memory(self.pid)

    def require_running(self) -> None:
        if self.child.poll() is not None:
            raise Failed(f"{self.name} ended with status {self.child.returncode}: {self._last_words()}")

    def wait_until_listening(self, port: int, patience: float = 10) -> None:
        """Until a TCP connection to the port is accepted."""
        deadline = time.monotonic() + patience
        while True:
            self.require_running()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            if time.monotonic() > deadline:
                raise Failed(f"{self.name} does not listen on port {port} after {patience:g} s: {self._last_words()}")
            time.sleep(0.02)

    def say(self, line: str) -> None:
        """One line to the program's input."""
        try:
            self.child.stdin.write(line.encode() + b"\n")
            self.child.stdin.flush()
        except BrokenPipeError:
            raise Failed(f"{self.name} ended early: {self._last_words()}") from None

    def expect(self, word: str, patience: float) -> dict[str, int | float]:
        """Waits for a line that begins with `word`, and returns its `key=value` figures."""
        deadline = time.monotonic() + patience
        while True:
            first, _, rest = self._read_line(word, deadline).partition(" ")
            if first == word:
                return {key: _number(value) for key, _, value in (item.partition("=") for item in rest.split())}
            if first == "failed:":
                raise Failed(f"{self.name}: {rest}")

    def _read_line(self, word: str, deadline: float) -> str:
        output = self.child.stdout.fileno()
        while b"\n" not in self._unread:
            ready, _, _ = select.select([output], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise Failed(f"{self.name} did not say \"{word}\" in time: {self._last_words()}")
            piece = os.read(output, 65536)
            if not piece:
                raise Failed(f"{self.name} ended before it said \"{word}\": {self._last_words()}")
            self._unread += piece
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode(errors="replace").strip()

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:]) if lines else "it said nothing"


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def free_ports(count: int) -> list[int]:
    """As many different ones as `free_port` finds."""
    ports: set[int] = set()
    while len(ports) < count:
        ports.add(free_port())
    return sorted(ports)


def free_port() -> int:
    """A port that is free for TCP and UDP and that the kernel gives to no outgoing connection."""
    first_ephemeral = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for _ in range(1000):
        port = random.randrange(10_000, max(first_ephemeral, 10_100))
        with ExitStack() as stack:
            try:
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    stack.enter_context(socket.socket(socket.AF_INET, kind)).bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise SystemExit("no free port between 10000 and the first ephemeral port")
