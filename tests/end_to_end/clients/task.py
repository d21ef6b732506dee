"""What a client is asked to do, and the frame that every Python driver runs in.

Law of this file: a driver gets a task on stdin as JSON, `{"base": URL, "scenarios": [...]}`, does each scenario in a
session of its own, and prints on stdout what it saw, `{NAME: {"steps": [...], "connections": N}}`; what the client
raised stands there as `{"error": ...}`. The drivers in tests/end_to_end/node keep to the same.
"""

import hashlib
import json
import sys
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

Fields = tuple[tuple[str, str], ...]
Seen = dict[str, object]

BLOCK = bytes(range(256)) * 256
"""What large bodies are made of, as the origin makes them."""
PATIENCE = 30
"""Seconds that a client waits for one answer."""
ENOUGH = 3
"""Scenarios that may fail before a driver stops, so that a server that answers nothing is told in bounded time."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form; `content` as latin-1."""

    name: str
    filename: str | None
    content: str


@dataclass(frozen=True, slots=True)
class Step:
    """One request. `body` as latin-1; `size`: a large body of so many bytes instead. `chunked`: sent without a length.
    `events`: the name to release once the first event is there. `decode`: the client undoes content codings.
    """

    target: str
    method: str = "GET"
    headers: Fields = ()
    body: str | None = None
    size: int = 0
    chunked: bool = False
    follow: bool = False
    decode: bool = False
    events: str | None = None
    parts: tuple[Part, ...] = ()

    @property
    def release(self) -> str:
        return f"/-/release/{self.events}"

    @property
    def data(self) -> bytes | None:
        if self.size:
            return b"".join(blocks(self.size))
        return None if self.body is None else self.body.encode("latin-1")

    def pieces(self) -> Iterator[bytes]:
        """The body as a client sends it that does not know its length."""
        if self.size:
            return blocks(self.size)
        whole = (self.body or "").encode("latin-1")
        return (whole[start : start + 5] for start in range(0, len(whole), 5))


@dataclass(frozen=True, slots=True)
class Scenario:
    """Steps in one session. `status`: of each step as the origin gives it. `without`: clients that cannot do it."""

    name: str
    steps: tuple[Step, ...]
    status: tuple[int, ...]
    without: tuple[str, ...] = ()


def blocks(size: int) -> Iterator[bytes]:
    for start in range(0, size, len(BLOCK)):
        yield BLOCK[: size - start]


def summary(pieces: Iterable[bytes]) -> dict[str, object]:
    """A body of any size, as data to compare."""
    size, digest = 0, hashlib.sha256()
    for piece in pieces:
        size += len(piece)
        digest.update(piece)
    return {"length": size, "sha256": digest.hexdigest()}


def fields(pairs: Iterable[tuple[bytes, bytes]]) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in pairs]


def first_event(pieces: Iterator[bytes]) -> bytes:
    """What has arrived when the first event is whole; it waits for no more than that."""
    got = b""
    while not got.endswith(b"\n\n"):
        got += next(pieces)
    return got


def let_go(base: str, step: Step) -> None:
    """Lets the origin go on, by a connection of its own."""
    with urllib.request.urlopen(base + step.release, timeout=20) as answer:  # noqa: S310  # an address of this machine
        answer.read()


def run(perform: Callable[[str, tuple[Step, ...]], tuple[list[Seen], int]], *errors: type[Exception]) -> None:
    """The life of a driver: `perform(base, steps)` gives what it saw of each step and how many connections it made."""
    task = json.load(sys.stdin)
    failures: tuple[type[Exception], ...] = (OSError, *errors)
    told: dict[str, Seen] = {}
    failed = 0
    for scenario in task["scenarios"]:
        if failed == ENOUGH:
            break
        steps = tuple(_step(step) for step in scenario["steps"])
        try:
            seen, connections = perform(task["base"], steps)
            told[scenario["name"]] = {"steps": seen, "connections": connections}
        except failures as error:
            failed += 1
            told[scenario["name"]] = {"error": f"{type(error).__name__}: {error}"}
    json.dump(told, sys.stdout)


def _step(read: dict[str, object]) -> Step:
    step = Step(**read)  # type: ignore[arg-type]
    parts = tuple(Part(**part) for part in step.parts)  # type: ignore[arg-type]
    headers = tuple((name, value) for name, value in step.headers)
    return Step(**{**read, "parts": parts, "headers": headers})  # type: ignore[arg-type]
