"""What every benchmark has in common: its place to work in, and which program stands for which side."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from harness.cores import Cores
from harness.process import Process
from harness.rounds import Part, Sample


@dataclass(frozen=True)
class Bench:
    """Where a benchmark runs. With `peer_twice` the peer stands for our side too, and the ratio must be one."""

    cores: Cores
    directory: Path
    peer_twice: bool

    def server(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> Process:
        return Process(name, command, self.cores.server, self._log(name), environment)

    def load(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> Process:
        return Process(name, command, self.cores.load, self._log(name), environment)

    def _log(self, name: str) -> Path:
        return self.directory / f"{name.replace(' ', '-')}.log"

    def is_ours(self, side: str) -> bool:
        return side == "ours" and not self.peer_twice


class Benchmark:
    """Opened once; its servers live in `stack`, and `measure` is called for each side of each round."""

    name: str
    summary: str
    parts: tuple[Part, ...]

    def __init__(self, bench: Bench, stack: ExitStack) -> None:
        raise NotImplementedError

    def measure(self, part: Part, side: str) -> Sample:
        raise NotImplementedError
