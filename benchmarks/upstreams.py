"""What stands behind the proxies: a legacy server, and a candidate in each of its moods.

Law of this file: the same legacy serves all contestants. The legacy and the good and wrong candidates are nginx if it
is installed, one process each, so that they take the least of the machine; else they are upstream.py.
"""

import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from benchmarks import payload, processes
from benchmarks.contestants.nginx import SHELL
from benchmarks.install import which

PROGRAM = Path(__file__).with_name("upstream.py")


class Mood(StrEnum):
    """How a candidate behaves."""

    SAME = "same"
    WRONG = "wrong"
    SLOW = "slow"
    GARBAGE = "garbage"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Upstreams:
    """Ports of 127.0.0.1, and what answers there."""

    legacy: int
    candidates: dict[Mood, int]
    software: str


@contextmanager
def standing(folder: Path, delay: float = 5.0) -> Iterator[Upstreams]:
    """All upstreams, up until the block is left. The slow one answers after `delay` seconds."""
    with ExitStack() as stack:
        ports = {
            mood: stack.enter_context(_up(folder, mood.value, mood, delay))
            for mood in (Mood.SAME, Mood.WRONG, Mood.SLOW, Mood.GARBAGE)
        }
        ports[Mood.DEAD] = stack.enter_context(_refusing())
        legacy = stack.enter_context(_up(folder, "legacy", Mood.SAME, delay))
        yield Upstreams(legacy, ports, "nginx" if which("nginx") else "benchmarks/upstream.py")


@contextmanager
def _up(parent: Path, name: str, mood: Mood, delay: float) -> Iterator[int]:
    folder, port = parent / f"upstream-{name}", processes.free_port()
    folder.mkdir()
    with processes.started(f"upstream {name}", _command(folder, port, mood, delay), folder, [port]):
        yield port


def _command(folder: Path, port: int, mood: Mood, delay: float) -> Sequence[str]:
    body = payload.WRONG if mood is Mood.WRONG else payload.SAME
    nginx = which("nginx")
    if nginx and mood in (Mood.SAME, Mood.WRONG):
        return _nginx(nginx, folder, port, body)
    file = folder / "body.json"
    file.write_bytes(body)
    mode, wait = "garbage" if mood is Mood.GARBAGE else "plain", delay if mood is Mood.SLOW else 0.0
    options = ["--port", str(port), "--mode", mode, "--delay", str(wait), "--body", str(file)]
    return [sys.executable, "-P", str(PROGRAM), *options]


def _nginx(binary: str, folder: Path, port: int, body: bytes) -> Sequence[str]:
    inside = (
        f"  server {{ listen 127.0.0.1:{port}; default_type application/json;"
        f" location / {{ return 200 '{body.decode()}'; }} }}"
    )
    config = folder / "nginx.conf"
    config.write_text(SHELL.format(folder=folder, inside=inside))
    return [binary, "-e", "stderr", "-p", str(folder), "-c", str(config)]


@contextmanager
def _refusing() -> Iterator[int]:
    """A port that is taken and does not listen: connections are refused, and nobody else can come to live there."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])
