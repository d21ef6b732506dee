"""What a client is told when no upstream's answer can be given to it. The one place where that is decided; pure.

Law of this file: an answer never says that a write failed when it may have been done. Sent and then reset, timed out or
answered with garbage: `outcome-unknown`, without Retry-After. Only what is provably unsent may be repeated at once.
Bodies are problem details (RFC 9457).
"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import assert_never

from proxy.claims.words import Denial
from proxy.messages import Failure, FailureKind


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of our own. `fields`: serialised header lines."""

    status: int
    reason: bytes
    fields: bytes
    body: bytes


def problem(status: int, kind: str, detail: str, *, retry_after: int | None = None) -> Answer:
    """A problem document of type `kind`; `retry_after` in seconds only where repeating is known to be harmless."""
    title = HTTPStatus(status).phrase
    document = {"type": kind, "title": title, "status": status, "detail": detail, "source": "strangler"}
    body = json.dumps(document).encode()
    fields = b"Content-Type: application/problem+json\r\nContent-Length: %d\r\n" % len(body)
    if retry_after is not None:
        fields += b"Retry-After: %d\r\n" % retry_after
    return Answer(status, title.encode(), fields, body)


def for_failure(failure: Failure, backend: str, *, safe: bool) -> Answer:
    """The answer for a failure of the primary. `safe`: the request asked only, so that repeating it changes nothing."""
    if not failure.maybe_sent:
        return _unsent(failure, backend, safe=safe)
    status = 504 if failure.kind is FailureKind.TIMEOUT else 502
    if not safe:
        detail = (
            f"The request was sent to backend {backend} and no true answer came back ({failure.detail}). It may "
            "have been carried out. Do not repeat it without its idempotency key; look up its outcome first."
        )
        return problem(status, "outcome-unknown", detail)
    return problem(status, _type(failure.kind), f"Backend {backend}: {failure.detail}.")


def _unsent(failure: Failure, backend: str, *, safe: bool) -> Answer:
    detail = f"Backend {backend}: {failure.detail}. Nothing was sent to it."
    if failure.kind is FailureKind.POOL_FULL:
        return problem(503, _type(failure.kind), detail, retry_after=1)
    if not safe:
        return problem(503, _type(failure.kind), detail + " It is safe to repeat.", retry_after=1)
    return problem(504 if failure.kind is FailureKind.CONNECT_TIMEOUT else 502, _type(failure.kind), detail)


def _type(kind: FailureKind) -> str:
    match kind:
        case FailureKind.REFUSED | FailureKind.CONNECT_TIMEOUT:
            return "upstream-unreachable"
        case FailureKind.POOL_FULL:
            return "upstream-busy"
        case FailureKind.RESET:
            return "upstream-reset"
        case FailureKind.TIMEOUT:
            return "upstream-timeout"
        case FailureKind.GARBAGE | FailureKind.TOO_LARGE:
            return "upstream-invalid"
        case FailureKind.CANCELLED:
            return "client-closed"
    assert_never(kind)


def refused(status: int, detail: str) -> Answer:
    """The answer for what could not be read as one request, or is beyond a limit."""
    return problem(status, "bad-request" if status == 400 else "request-refused", f"The request is refused: {detail}.")


def no_route(target: bytes) -> Answer:
    path = target.partition(b"?")[0][:200].decode("latin-1")
    return problem(404, "no-route", f"No route matches {path}. See spec.routes in routes.yaml, or `strangler explain`.")


def ambiguous() -> Answer:
    detail = (
        "The request target can be read as the path of more than one route. Spell it plainly, without dot segments."
    )
    return problem(400, "ambiguous-target", detail)


def broken() -> Answer:
    return problem(500, "internal", "The proxy made a mistake before it had chosen a system. Nothing was sent.")


def marked(backend: str) -> Answer:
    detail = f"A request that carries the shadow marker may not reach backend {backend}, which is live."
    return problem(403, "shadow-loop", detail)


def no_key(places: tuple[str, ...]) -> Answer:
    detail = f"A write needs an idempotency key here: {' or '.join(places)}. Nothing was sent."
    return problem(400, "idempotency-key-missing", detail)


def unreadable(why: str) -> Answer:
    detail = f"Which system this request belongs to stands in its body, which cannot be read: {why}. Nothing was sent."
    return problem(400, "body-unreadable", detail)


def unserved(backend: str) -> Answer:
    """For what is bound to a backend that is left or gone, and may go to no other."""
    detail = (
        f"This request belongs to backend {backend}, which does not take any now. Nothing was sent to anybody. It is "
        "safe to repeat with the same idempotency key."
    )
    return problem(503, "bound-backend-unavailable", detail, retry_after=5)


def denied(why: Denial) -> Answer:
    """For what may be sent to nobody."""
    match why:
        case Denial.TWO_OWNERS:
            return problem(409, why, "The request names entities of both systems, and neither knows the other's.")
        case Denial.DISPUTED:
            return problem(409, why, "Both systems say that this entity is theirs. See `strangler owners status`.")
        case Denial.NO_BACKEND:
            return problem(503, why, "The system that this request belongs to has no backend here.", retry_after=5)
        case Denial.FULL | Denial.UNREACHABLE:
            detail = (
                "It cannot be told which system this request belongs to. Nothing was sent to anybody. It is safe to "
                "repeat with the same idempotency key."
            )
            return problem(503, why, detail, retry_after=1)
    assert_never(why)


def too_large(limit: int) -> Answer:
    return problem(413, "request-too-large", f"The request body is larger than {limit} bytes.")
