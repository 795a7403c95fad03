"""Builds what a benchmark runs: the loads and plain peers with cc, our programs with SwiftPM, both optimised."""

import shutil
import subprocess
from pathlib import Path

from harness.process import Failed

ROOT = Path(__file__).resolve().parents[2]
LOADS = ROOT / "Benchmarks" / "load"
OUTPUT = ROOT / ".build" / "bench"

# Program → its sources and the libraries that it needs. C, so that a load shares no code with what it measures.
_PROGRAMS = {
    "tcp-load": (["tcp-load.c", "tcp-stream.c", "pattern.c"], []),
    "udp-load": (["udp-load.c", "udp-flow.c", "pattern.c"], []),
    "udp-relay-plain": (["udp-relay-plain.c"], []),
    "http-idle": (["http-idle.c"], []),
    "rtmp-load": (["rtmp-load.c", "rtmp-live.c", "rtmp-storm.c", "rtmp-session.c", "rtmp-client.c", "rtmp-chunks.c",
                   "rtmp-media.c", "rtmp-viewer.c", "flv-client.c", "flv-reader.c", "pattern.c"], []),
    "timers-libevent": (["timers-libevent.c"], ["-levent_core"]),
    "malloc-count.so": (["malloc-count.c"], ["-shared", "-fPIC"]),
}
_FLAGS = ["-std=gnu11", "-O2", "-g", "-Wall", "-Wextra", "-Werror"]


def c_program(name: str) -> Path:
    """The path of a C program, built when it is older than any source."""
    sources, libraries = _PROGRAMS[name]
    OUTPUT.mkdir(parents=True, exist_ok=True)
    program = OUTPUT / name
    newest = max(path.stat().st_mtime for path in LOADS.iterdir())
    if not program.exists() or program.stat().st_mtime < newest:
        _run(["cc", *_FLAGS, "-o", str(program), *(str(LOADS / source) for source in sources), *libraries])
    return program


def swift_program(name: str) -> Path:
    """The path of one of our programs, built for release."""
    # The flags of `./dev up`, so that what is measured is what is run, and is built once.
    command = ["swift", "build", "--package-path", str(ROOT), "-c", "release", "--static-swift-stdlib"]
    _run([*command, "--product", name])
    directory = subprocess.run([*command, "--show-bin-path"], capture_output=True, text=True, check=True)
    return Path(directory.stdout.strip()) / name


def installed(name: str, package: str) -> str:
    """The path of a program from Debian; servers live in sbin, which is not on everyone's PATH."""
    path = shutil.which(name) or shutil.which(name, path="/usr/local/sbin:/usr/sbin:/sbin")
    if path is None:
        raise Failed(f"{name} is not installed (Debian package {package})")
    return path


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except FileNotFoundError:
        raise Failed(f"{command[0]} is not installed") from None
    if done.returncode != 0:
        raise Failed(f"{done.stdout}\n{' '.join(command)} failed with status {done.returncode}")
