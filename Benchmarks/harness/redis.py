"""A Redis under measurement, and what it says of itself."""

import re
import socket
from pathlib import Path

from harness import build
from harness.process import Failed


def _called_by_scripts() -> frozenset[str]:
    """What scripts of ours call: Redis counts it with the commands of clients."""
    texts = (file.read_text() for file in (build.ROOT / "Sources/Registry/Shared").glob("*.swift"))
    return frozenset(name.lower() for text in texts for name in re.findall(r"redis\.p?call\('(\w+)'", text))


def server(directory: Path, port: int) -> list[str]:
    """Debian's, without persistence; it tells the longest time of each command."""
    return [build.installed("redis-server", "redis-server"), "--port", str(port), "--bind", "127.0.0.1",
            "--save", "", "--appendonly", "no", "--dir", str(directory),
            "--latency-tracking-info-percentiles", "100"]


class Figures:
    """What has come to a server since `reset`, as its INFO says."""

    def __init__(self, info: dict[str, str], seconds: float, uses_scripts: bool) -> None:
        calls = {name.removeprefix("cmdstat_"): int(_fields(text)["calls"])
                 for name, text in info.items() if name.startswith("cmdstat_")}
        called = _called_by_scripts() if uses_scripts else frozenset()
        inside = sum(count for name, count in calls.items() if name in called)
        self.commands = (sum(calls.values()) - inside) / seconds
        self.inside = inside / seconds
        # Of those that scripts call, none is longer than the script.
        self.longest_ms = max(float(_fields(text)["p100"]) for name, text in info.items()
                              if name.startswith("latency_percentiles_usec_")) / 1e3
        self.kilobytes_in = int(info["total_net_input_bytes"]) / 1e3 / seconds
        self.kilobytes_out = int(info["total_net_output_bytes"]) / 1e3 / seconds


class Console:
    """A connection for the harness."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 10)
        self._file = self._socket.makefile("rwb")

    def __enter__(self) -> "Console":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()

    def ask(self, line: str) -> str:
        self._file.write(line.encode() + b"\r\n")
        self._file.flush()
        head = self._file.readline().decode().rstrip()
        if head.startswith("-"):
            raise Failed(f"Redis says {head[1:]} to {line}")
        if head == "$-1":
            return ""
        return self._file.read(int(head[1:]) + 2).decode() if head.startswith("$") else head[1:]

    def reset(self) -> None:
        self.ask("CONFIG RESETSTAT")

    def figures(self, seconds: float, uses_scripts: bool) -> Figures:
        """Since `reset`, which was so long ago."""
        lines = "".join(self.ask(f"INFO {section}") for section in ("stats", "commandstats", "latencystats"))
        pairs = (line.partition(":") for line in lines.splitlines() if ":" in line)
        return Figures({name: text for name, _, text in pairs}, seconds, uses_scripts)

    def cut(self, ports: list[int]) -> None:
        """Ends the connections from those ports of this machine."""
        for port in ports:
            self.ask(f"CLIENT KILL ADDR 127.0.0.1:{port}")


def _fields(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split(","))
