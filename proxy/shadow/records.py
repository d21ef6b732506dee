"""What is kept of an exchange. Pure.

Law of this file: nothing leaves but through a redactor. Where there is none to ask (the route and its rules are gone),
or it is what failed, the record is blank: names, times and numbers of our own, not a byte that came over the wire.
"""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from comparators import Comparison, Difference, Verdict, causes, fingerprint
from proxy.messages import SAFE_METHODS, Exchange, Failure, Headers, Observation, Request, Response
from proxy.redaction import Redactor
from proxy.store.record import Record

CASCADE: Final = "cascade"
"""With "of" and a finding, the reason of a mismatch that only follows from it."""


def compared(
    exchange: Exchange,
    shadow: Observation,
    comparison: Comparison,
    redactor: Redactor,
    is_sampled: Callable[[str], bool],
    echo_of: str | None = None,
) -> Record:
    """The record of two answers that were compared. `is_sampled`: whether one of this cause is kept whole; `echo_of`:
    the finding since which the two sides go apart on what the exchange names, so that it is none of its own.
    """
    differences = redactor.differences(comparison.differences, _fields(shadow) or _fields(exchange.primary))
    verdict = comparison.verdict
    known = fingerprint(exchange.plan.route, causes(differences)) if verdict is Verdict.MISMATCH else None
    whole = is_sampled(known or verdict)
    reason = redactor.text(comparison.reason) if comparison.reason else None
    return Record(
        exchange=redactor.exchange(exchange) if whole else _first_lines(exchange, redactor),
        shadow=redactor.observation(shadow) if whole else _status_line(shadow, redactor),
        verdict=verdict,
        reason=reason if echo_of is None else f"{CASCADE} of {echo_of}",
        differences=differences if echo_of is None else tuple(_echo(each, echo_of) for each in differences),
        fingerprint=known if echo_of is None else None,
        is_whole=whole,
    )


def _echo(difference: Difference, finding: str) -> Difference:
    """As something that follows from a finding, so that it is counted as none of its own."""
    return replace(difference, rule=difference.rule or f"{CASCADE} of {finding}")


def inconclusive(exchange: Exchange, shadow: Observation | None, reason: str, redactor: Redactor) -> Record:
    """The record of an exchange where there was nothing fair to compare. `reason` is one of our own words."""
    kept = redactor.observation(shadow) if shadow is not None else None
    return Record(redactor.exchange(exchange), kept, Verdict.INCONCLUSIVE, reason, (), None)


def blank(exchange: Exchange, reason: str) -> Record:
    """The record of an exchange of which nothing can be shown."""
    method = exchange.request.method if exchange.request.method in SAFE_METHODS else b""
    primary = replace(exchange.primary, outcome=_blank_outcome(exchange.primary.outcome))
    shown = replace(exchange, request=Request(method, b"", (), b""), primary=primary)
    return Record(shown, None, Verdict.INCONCLUSIVE, reason, (), None)


def _fields(observation: Observation) -> Headers:
    return observation.outcome.headers if isinstance(observation.outcome, Response) else ()


def _first_lines(exchange: Exchange, redactor: Redactor) -> Exchange:
    """Without fields and bodies."""
    line, primary = redactor.request_line(exchange.request), _status_line(exchange.primary, redactor)
    return replace(exchange, request=line, primary=primary)


def _status_line(observation: Observation, redactor: Redactor) -> Observation:
    if isinstance(observation.outcome, Failure):
        return redactor.observation(observation)
    return replace(observation, outcome=redactor.status_line(observation.outcome))


def _blank_outcome(outcome: Response | Failure) -> Response | Failure:
    if isinstance(outcome, Failure):
        return replace(outcome, detail="")
    return Response(outcome.status, b"", (), b"")
