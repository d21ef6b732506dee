"""What a contestant is. Law of this file: a contestant is told where it stands and nothing about how it is measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PROXY = "proxy"
"""The role of the processes that stand between the client and its answer; what the first figure counts."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where one contestant stands: a folder of its own, the ports of 127.0.0.1 that it may use and those behind it."""

    folder: Path
    port: int
    admin: int
    legacy: int
    candidate: int


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a contestant does not take part, in words for the reader of the results."""

    reason: str


def all_proxy(_command_line: str) -> str:
    """The role of every process of a contestant that is a proxy and nothing else."""
    return PROXY


def no_counts(_scene: Scene) -> dict[str, float]:
    """The counters of a contestant that has none to show."""
    return {}


def at_once(_scene: Scene) -> bool:
    """The readiness of a contestant that is ready when it listens."""
    return True


@dataclass(frozen=True, slots=True)
class Contestant:
    """`find`: its version, or why it is missing. `command`: writes its files into the scene's folder, and is run.

    `role`: under which name the CPU of one of its processes is counted, given its command line. `counts`: its counters.
    `ready`: whether all of it is up; asked again and again after it listens. `most`: the requests a second that it can
    be paced at, if it cannot bear what the others can. `defers`: whether it still works for a request that it answered.
    """

    name: str
    does: str
    find: Callable[[], str | Missing]
    command: Callable[[Scene], Sequence[str]]
    role: Callable[[str], str] = all_proxy
    counts: Callable[[Scene], dict[str, float]] = no_counts
    ready: Callable[[Scene], bool] = at_once
    listens_on_admin: bool = False
    most: int | None = None
    defers: bool = False
