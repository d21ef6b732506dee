"""The words of the house as types: what was asked, what was answered, by whom, and why there.

Law of this file: every value is frozen and holds exactly what was on the wire. Bodies, header names and header values
are bytes; headers are ordered pairs in which case and duplicates are kept. Nothing here knows a socket, a file or a
clock. They are Structs, since a worker makes several for each payment: one costs a tenth of a frozen dataclass, and the
channel's codec reads and writes them as they are.
"""

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]

SAFE_METHODS = frozenset({b"GET", b"HEAD", b"OPTIONS"})
"""Methods that ask and change nothing (RFC 9110, section 9.2.1). TRACE is refused before this matters."""

SHADOW_MARKER = b"x-strangler-shadow"
"""What a shadow's copy carries, by its folded name."""


OVER_CAP = "over-cap"
"""Why a copy has no bodies: they were larger than what is copied."""


def folded(name: bytes) -> bytes:
    """A header's name as WSGI reads it: case is lost, and whether it was spelled with - or _."""
    return name.lower().replace(b"_", b"-")


def is_marked(headers: Headers) -> bool:
    """Whether a request is itself a shadow's copy, by the marker in any spelling that a framework folds into it."""
    for name, _ in headers:  # noqa: SIM110  # each request is asked, and any() over a generator costs three times this
        if len(name) == len(SHADOW_MARKER) and folded(name) == SHADOW_MARKER:
            return True
    return False


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


CANDIDATE_ANSWERS = frozenset({Stage.CANARY, Stage.REVERSE_SHADOW, Stage.CANDIDATE})
"""The stages in which some requests are answered by the candidate."""


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


class RequestHead(Struct, frozen=True, gc=False):
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


class ResponseHead(Struct, frozen=True, gc=False):
    """A final response's head, read strictly. `length`: bytes of body to come, 0 for none, None when only its end
    tells.
    """

    status: int
    reason: bytes
    headers: Headers
    length: int | None
    keep_alive: bool
    connection: bytes = b""


class Request(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """One request as it came: the target is raw, the body decoded from its transfer coding only."""

    method: bytes
    target: bytes
    headers: Headers
    body: bytes


class Hop(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """The hop that a request came by: the client's address, whether its forwarding fields are believed, whether by
    TLS.
    """

    client: bytes
    trusted: bool
    secure: bool


class Response(Struct, frozen=True, array_like=True, tag="response", forbid_unknown_fields=True, gc=False):
    """One final response as it came; the body is decoded from its transfer coding only."""

    status: int
    reason: bytes
    headers: Headers
    body: bytes


class Failure(Struct, frozen=True, array_like=True, tag="failure", forbid_unknown_fields=True, gc=False):
    """What stands where a response should be. `maybe_sent`: whether any byte of the request may have reached the
    system.
    """

    kind: FailureKind
    maybe_sent: bool
    detail: str


class Observation(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """What one system did with one request, and how long it took, in seconds."""

    system: System
    backend: str
    outcome: Response | Failure
    seconds: float


class Plan(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """What is done with one request: the system that answers, the backend that gets a copy or None, and why. `writes`:
    it may change something, and a copy is meant for that backend; `spared`: none is sent, the backend is only told that
    its entities have a gap.
    """

    route: str
    stage: Stage
    primary: System
    backend: str
    shadow: str | None
    reason: str
    spared: bool = False
    writes: bool = False


class Exchange(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
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
