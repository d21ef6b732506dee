"""One batch of records as counters to be added, so that thousands of exchanges cost a few hundred rows.

Law of this file: which names and patterns there are is decided by the systems compared, so the number told apart is
bounded here; the rest is counted together, as OTHER.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from comparators import Difference
from proxy.messages import Failure, Observation
from proxy.store.buckets import bucket_of
from proxy.store.periods import MINUTE, start_of
from proxy.store.record import Record
from proxy.store.spelling import writable

MAX_EXAMPLES = 5
OTHER = "(other)"

FieldKey: TypeAlias = tuple[str, str, str, str]
"""Route, pattern, kind, and rule or ""."""

FindingKey: TypeAlias = tuple[str, str]
"""Route and fingerprint."""

Cause: TypeAlias = tuple[str, str]
"""Pattern and kind."""


class Distinct:
    """Names that are told apart: at most `most` for each route, however many there are."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[str, set[tuple[str, ...]]] = {}

    def admits(self, route: str, *name: str) -> bool:
        """Whether this name is one of them, now that it was seen."""
        known = self._known.setdefault(route, set())
        if name not in known and len(known) < self._most:
            known.add(name)
        return name in known


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is told apart in one store. Filled from it when it is opened."""

    fields: Distinct = field(default_factory=lambda: Distinct(500))
    findings: Distinct = field(default_factory=lambda: Distinct(1000))
    reasons: Distinct = field(default_factory=lambda: Distinct(100))


@dataclass(slots=True)
class SeenField:
    """A field that differed: when, and the latest pair."""

    first: float
    last: float
    exchange_id: str
    example: Difference


@dataclass(slots=True)
class SeenFinding:
    """Mismatches of one cause: which, when, how many, and the latest of them."""

    causes: tuple[Cause, ...]
    first: float
    last: float
    count: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a batch adds. Counts are by minute: (start of the minute, route, ...)."""

    verdicts: Counter[tuple[int, str, str, str]] = field(default_factory=Counter)
    failures: Counter[tuple[int, str, str, str]] = field(default_factory=Counter)
    latencies: Counter[tuple[int, str, str, int]] = field(default_factory=Counter)
    field_counts: Counter[tuple[int, str, str, str, str]] = field(default_factory=Counter)
    fields: dict[FieldKey, SeenField] = field(default_factory=dict)
    findings: dict[FindingKey, SeenFinding] = field(default_factory=dict)


def count(records: Iterable[Record], bounds: Bounds) -> Counted:
    """The counters of these records."""
    counted = Counted()
    for record in records:
        _count_verdict(counted, record, bounds)
        _count_observation(counted, record, record.exchange.primary)
        if record.shadow is not None:
            _count_observation(counted, record, record.shadow)
        _count_fields(counted, record, bounds)
        if record.fingerprint is not None:
            _count_finding(counted, record, record.fingerprint, bounds)
    return counted


def _minute(record: Record) -> int:
    return start_of(MINUTE, record.exchange.started_at)


def _count_verdict(counted: Counted, record: Record, bounds: Bounds) -> None:
    route = record.exchange.plan.route
    reason = writable(record.reason or "")[:200]
    if reason and not bounds.reasons.admits(route, reason):
        reason = OTHER
    counted.verdicts[_minute(record), route, record.verdict.value, reason] += 1


def _count_observation(counted: Counted, record: Record, observation: Observation) -> None:
    minute, route, system = _minute(record), record.exchange.plan.route, observation.system.value
    if isinstance(observation.outcome, Failure):
        counted.failures[minute, route, system, observation.outcome.kind.value] += 1
    else:
        counted.latencies[minute, route, system, bucket_of(observation.seconds)] += 1


def _count_fields(counted: Counted, record: Record, bounds: Bounds) -> None:
    """Each field once an exchange, however many elements of a list differ in it."""
    minute, at = _minute(record), record.exchange.started_at
    seen: dict[FieldKey, Difference] = {}
    for difference in record.differences:
        seen.setdefault(_field_key(record.exchange.plan.route, difference, bounds), difference)
    for key, example in seen.items():
        counted.field_counts[minute, *key] += 1
        known = counted.fields.get(key)
        if known is None:
            counted.fields[key] = SeenField(at, at, record.exchange.id, example)
        else:
            known.first = min(known.first, at)
            if at >= known.last:
                known.last, known.exchange_id, known.example = at, record.exchange.id, example


def _field_key(route: str, difference: Difference, bounds: Bounds) -> FieldKey:
    key = (writable(difference.pattern), difference.kind.value, writable(difference.rule or ""))
    return (route, *key) if bounds.fields.admits(route, *key) else (route, OTHER, OTHER, "")


def _count_finding(counted: Counted, record: Record, fingerprint: str, bounds: Bounds) -> None:
    route, at = record.exchange.plan.route, record.exchange.started_at
    is_known = bounds.findings.admits(route, fingerprint)
    key = (route, fingerprint if is_known else OTHER)
    seen = counted.findings.get(key)
    if seen is None:
        seen = counted.findings[key] = SeenFinding(_causes(record) if is_known else (), at, at)
    seen.first, seen.last, seen.count = min(seen.first, at), max(seen.last, at), seen.count + 1
    if record.is_whole:
        seen.examples = [*seen.examples[1 - MAX_EXAMPLES :], record.exchange.id]


def _causes(record: Record) -> tuple[Cause, ...]:
    unexcused = (difference for difference in record.differences if difference.rule is None)
    return tuple(sorted({(writable(difference.pattern), difference.kind.value) for difference in unexcused}))
