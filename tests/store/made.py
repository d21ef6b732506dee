"""Made-up records: what a runner would offer."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from comparators import Difference, Kind, Verdict, causes, fingerprint
from proxy.messages import (
    Exchange,
    Failure,
    FailureKind,
    Hop,
    Observation,
    Plan,
    Request,
    Response,
    Stage,
    System,
)
from proxy.store.batch import load_known, write
from proxy.store.record import Record, Tally

NOON = 1_700_049_600.0
"""2023-11-15 12:00:00 UTC."""

JSON = ((b"Content-Type", b"application/json"),)
AMOUNT = Difference("$.lines[3].amount", Kind.VALUE, '"10.00"', '"10.01"')
EXCUSED = Difference("$.request_id", Kind.VALUE, '"a"', '"b"', "Ignore $..request_id")


def observation(system: System, body: bytes = b'{"amount": "10.00"}', seconds: float = 0.02) -> Observation:
    backend = "monolith" if system is System.LEGACY else "payments"
    return Observation(system, backend, Response(201, b"Created", JSON, body), seconds)


def failure(system: System, kind: FailureKind = FailureKind.TIMEOUT) -> Observation:
    return Observation(system, "payments", Failure(kind, True, "no answer in 10 s"), 10.0)


def record(
    id_: str,
    *differences: Difference,
    route: str = "create-payment",
    at: float = NOON,
    verdict: Verdict | None = None,
    reason: str | None = None,
    shadow: Observation | None = None,
) -> Record:
    """A record of one exchange on a shadowed route. The verdict follows from the differences unless it is given."""
    unexcused = any(difference.rule is None for difference in differences)
    if verdict is None:
        verdict = Verdict.MISMATCH if unexcused else Verdict.IGNORED if differences else Verdict.MATCH
    request = Request(b"POST", b"/v1/payments?n=1", ((b"Host", b"pay.example"), *JSON), b'{"amount": 1000}')
    plan = Plan(route, Stage.SHADOW, System.LEGACY, "monolith", "payments", "stage shadow")
    exchange = Exchange(id_, at, "abc123", Hop(b"127.0.0.1", False, False), request, plan, observation(System.LEGACY))
    return Record(
        exchange=exchange,
        shadow=shadow or observation(System.CANDIDATE, b'{"amount": "10.01"}', 0.01),
        verdict=verdict,
        reason=reason,
        differences=differences,
        fingerprint=fingerprint(route, causes(differences)) if verdict is Verdict.MISMATCH else None,
    )


def inconclusive(id_: str, reason: str = "shadow failed: timeout", at: float = NOON) -> Record:
    return record(id_, at=at, verdict=Verdict.INCONCLUSIVE, reason=reason, shadow=failure(System.CANDIDATE))


def unsent(id_: str) -> Record:
    """A record of an exchange whose copy was not sent."""
    return replace(record(id_, verdict=Verdict.INCONCLUSIVE, reason="not sent: unsafe method"), shadow=None)


def put_in(connection: Connection, records: Sequence[Record], tallies: Iterable[Tally], salt: bytes) -> None:
    """What a writer does with a batch of which it knows nothing."""
    write(connection, records, tallies, salt, load_known(connection))
