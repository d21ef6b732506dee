"""The words of the house as types: what was asked, what was answered, by whom, and why there.

Law of this file: every value is frozen and holds exactly what was on the wire. Bodies, header names and header values
are bytes; headers are ordered pairs in which case and duplicates are kept. Nothing here knows a socket, a file or a
clock.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]

SAFE_METHODS = frozenset({b"GET", b"HEAD", b"OPTIONS"})
"""Methods that ask and change nothing (RFC 9110, section 9.2.1). TRACE is refused before this matters."""


class System(StrEnum):
    """Which of the two systems: the one being replaced, or the one replacing it."""

    LEGACY = "legacy"
    CANDIDATE = "candidate"

    @property
    def other(self) -> "System":
        return System.CANDIDATE if self is System.LEGACY else System.LEGACY


class Stage(StrEnum):
    """Where a route stands on its way from legacy to candidate."""

    LEGACY = "legacy"
    SHADOW = "shadow"
    CANARY = "canary"
    REVERSE_SHADOW = "reverse-shadow"
    CANDIDATE = "candidate"


class FailureKind(StrEnum):
    """What stood where a response should have been."""

    REFUSED = "refused"  # no connection could be made
    CONNECT_TIMEOUT = "connect-timeout"
    POOL_FULL = "pool-full"
    RESET = "reset"  # the connection ended before the answer was whole
    TIMEOUT = "timeout"
    GARBAGE = "garbage"  # the answer was not HTTP/1.1, or not in one way only
    TOO_LARGE = "too-large"  # the answer is larger than what is compared
    CANCELLED = "cancelled"  # the client left before the request was whole


class RequestHead(NamedTuple):
    """A request's head, read strictly.

    `length`: bytes of body to come, 0 for none, None for chunked; `connection`: what Connection says, joined.
    """

    method: bytes
    target: bytes
    version: bytes
    headers: Headers
    length: int | None
    keep_alive: bool
    expects_continue: bool
    connection: bytes = b""


class ResponseHead(NamedTuple):
    """A final response's head, read strictly. `length`: bytes of body to come, 0 for none, None when only its end
    tells.
    """

    status: int
    reason: bytes
    headers: Headers
    length: int | None
    keep_alive: bool
    connection: bytes = b""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came: the target is raw, the body decoded from its transfer coding only."""

    method: bytes
    target: bytes
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Hop:
    """The hop that a request came by: the client's address, whether its forwarding fields are believed, whether by
    TLS.
    """

    client: bytes
    trusted: bool
    secure: bool


@dataclass(frozen=True, slots=True)
class Response:
    """One final response as it came; the body is decoded from its transfer coding only."""

    status: int
    reason: bytes
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """What stands where a response should be. `maybe_sent`: whether any byte of the request may have reached the
    system.
    """

    kind: FailureKind
    maybe_sent: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Observation:
    """What one system did with one request, and how long it took, in seconds."""

    system: System
    backend: str
    outcome: Response | Failure
    seconds: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with one request: the system that answers, the backend that gets a copy or None, and why."""

    route: str
    stage: Stage
    primary: System
    backend: str
    shadow: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, how it came, its plan, and what the primary did. `started_at`: Unix time in seconds; `table`: its
    hash.
    """

    id: str
    started_at: float
    table: str
    hop: Hop
    request: Request
    plan: Plan
    primary: Observation
