"""What the supervisor tells the control process: one whole document each time, one JSON line each.

Law of this file: a document replaces the one before it, so a control process that restarts needs only the next one. It
holds names, states and counts, nothing that a client or a backend sent.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from proxy.messages import Stage
from proxy.telemetry.snapshot import Snapshot

MAX_DOCUMENT = 16 * 1024 * 1024
"""Bytes of a status document, at most."""

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Role(StrEnum):
    """What a process of `strangler serve` is for."""

    SUPERVISOR = "supervisor"
    WORKER = "worker"
    RUNNER = "runner"
    CONTROL = "control"
    CLAIMS = "claims"


class ProcessState(StrEnum):
    """Where a process stands in its life."""

    STARTING = "starting"
    ACCEPTING = "accepting"  # a worker that takes connections
    RUNNING = "running"  # any other process that does its work
    DRAINING = "draining"  # takes nothing new, ends what it has
    DOWN = "down"  # ended; the supervisor starts it again after a pause


class ProcessStatus(msgspec.Struct, frozen=True, rename="camel"):
    """One process. `table_hash`: the route table that it has acknowledged; `restarts`: how often it was restarted."""

    role: Role
    index: int
    pid: int | None
    state: ProcessState
    restarts: int
    table_hash: str | None
    started_at: Moment | None


class TableStatus(msgspec.Struct, frozen=True, rename="camel"):
    """The route table that the supervisor gave out last. `file_hash`: that of the last good file; another than `hash`
    where overrides are in force. `fault`: what is wrong with the file now, if it is not in use.
    """

    name: str
    hash: str
    loaded_at: Moment
    file_hash: str | None = None
    fault: str | None = None


class RouteStatus(msgspec.Struct, frozen=True, rename="camel"):
    """One route of that table; `legacy` and `candidate` are names of backends. `file_stage`: what the file says, which
    is another than `stage` where an override is in force; `weight` in per cent, of a canary.
    """

    name: str
    stage: Stage
    owner: str | None
    legacy: str | None
    candidate: str | None
    hash: str
    file_stage: Stage | None = None
    weight: float | None = None
    group: str | None = None


class OverrideStatus(msgspec.Struct, frozen=True, rename="camel"):
    """An override in force. `subject`: a route's or a group's name, None for all routes."""

    subject: str | None
    stage: Stage
    weight: float | None
    begins: Moment
    ends: Moment
    by: str
    reason: str
    ticket: str | None


class StatusDocument(msgspec.Struct, frozen=True, rename="camel"):
    """All that is known. `metrics`: the totals over all processes, those that ended included; `is_leaving`: it is about
    to end and wants no new connections; `pid`: of the supervisor.
    """

    version: str
    started_at: Moment
    table: TableStatus | None = None
    routes: tuple[RouteStatus, ...] = ()
    processes: tuple[ProcessStatus, ...] = ()
    metrics: Snapshot = Snapshot()
    overrides: tuple[OverrideStatus, ...] = ()
    is_leaving: bool = False
    pid: int | None = None

    def to_json(self) -> bytes:
        """One line, without its line feed."""
        return _ENCODER.encode(self)

    @staticmethod
    def from_json(message: bytes | str) -> "StatusDocument":
        """ValueError, saying where, if this is not what `to_json` wrote."""
        if len(message) > MAX_DOCUMENT:
            raise ValueError(f"a status document of {len(message)} bytes is over the bound of {MAX_DOCUMENT}")
        return _DECODER.decode(message)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(StatusDocument)


def utc_now() -> datetime:
    return datetime.now(UTC)


class ControlState:
    """The last document, and when it came. Before the first one: no table, no processes, counts at zero."""

    __slots__ = ("_clock", "_document", "_updated_at")

    def __init__(self, version: str, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock
        self._document = StatusDocument(version=version, started_at=clock())
        self._updated_at: datetime | None = None

    @property
    def document(self) -> StatusDocument:
        return self._document

    @property
    def updated_at(self) -> datetime | None:
        """When the last document came; None before the first."""
        return self._updated_at

    def now(self) -> datetime:
        return self._clock()

    def apply(self, message: bytes | str) -> None:
        """Takes what `StatusDocument.to_json` wrote. ValueError for anything else; then the last document stands."""
        self._document = StatusDocument.from_json(message)
        self._updated_at = self._clock()
