"""One batch of records as counters to be added, so that thousands of exchanges cost a few hundred rows.

Law of this file: which names and patterns there are is decided by the systems compared, so the number told apart is
bounded here; the rest is counted together, as OTHER.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TypeAlias

from comparators import Cause, Difference, causes
from proxy.messages import Failure
from proxy.store.buckets import bucket_of
from proxy.store.periods import MINUTE
from proxy.store.record import Record
from proxy.store.spelling import latin, writable

MAX_EXAMPLES = 5
OTHER = "(other)"
REASON, METHOD, WORD = 200, 32, 32
"""Characters of a reason, of a method and of a word that are told apart."""

FieldKey: TypeAlias = tuple[str, bytes]
"""Route, and the digest of pattern, kind, rule and value class."""

FindingKey: TypeAlias = tuple[str, str]
"""Route and fingerprint."""


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
    methods: Distinct = field(default_factory=lambda: Distinct(20))
    noises: Distinct = field(default_factory=lambda: Distinct(500))


@dataclass(slots=True)
class SeenField:
    """A field that differed: what and when, and the latest pair. `rule`: "" if none excuses it."""

    pattern: str
    kind: str
    rule: str
    value_class: str
    first: float
    last: float
    exchange_id: str
    example: Difference


@dataclass(slots=True)
class SeenFinding:
    """Mismatches with the same causes: which, when, how many, and the latest of them."""

    causes: tuple[Cause, ...]
    first: float
    last: float
    count: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Span:
    """When the first and the last exchange of a route began."""

    first: float
    last: float


@dataclass(frozen=True, slots=True)
class Counted:
    """What a batch adds. Counts are by minute: (start of the minute, route, ...)."""

    verdicts: Counter[tuple[int, str, str, str, str]] = field(default_factory=Counter)
    failures: Counter[tuple[int, str, str, str]] = field(default_factory=Counter)
    latencies: Counter[tuple[int, str, str, int]] = field(default_factory=Counter)
    field_counts: Counter[tuple[int, str, bytes]] = field(default_factory=Counter)
    fields: dict[FieldKey, SeenField] = field(default_factory=dict)
    findings: dict[FindingKey, SeenFinding] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    groups: Counter[tuple[int, str, str]] = field(default_factory=Counter)


def count(records: Iterable[Record], bounds: Bounds) -> Counted:
    """The counters of these records."""
    counted = Counted()
    verdicts: list[tuple[int, str, str, str, str]] = []
    latencies: list[tuple[int, str, str, int]] = []
    for record in records:
        exchange = record.exchange
        at, route = exchange.started_at, exchange.plan.route
        minute = int(at // MINUTE) * MINUTE
        _see(counted.spans, route, at)
        verdicts.append((minute, route, *_outcome(route, record, bounds)))
        for observation in (exchange.primary, record.shadow):
            if observation is None:
                continue
            if isinstance(observation.outcome, Failure):
                counted.failures[minute, route, observation.system.value, observation.outcome.kind.value] += 1
            else:
                latencies.append((minute, route, observation.system._value_, bucket_of(observation.seconds)))
        if record.differences:
            _count_fields(counted, minute, record, bounds)
        if record.fingerprint is not None:
            _count_finding(counted, minute, record, record.fingerprint, bounds)
    counted.verdicts.update(verdicts)
    counted.latencies.update(latencies)
    return counted


def field_digest(pattern: str, kind: str, rule: str, value_class: str) -> bytes:
    """What stands for a field in a key, since patterns and rules may be long."""
    return blake2b(f"{pattern}\0{kind}\0{rule}\0{value_class}".encode(), digest_size=16).digest()


def _see(spans: dict[str, Span], route: str, at: float) -> None:
    span = spans.get(route)
    if span is None:
        spans[route] = Span(at, at)
    elif at > span.last:
        span.last = at
    elif at < span.first:
        span.first = at


def _outcome(route: str, record: Record, bounds: Bounds) -> tuple[str, str, str]:
    """Method, verdict, and reason or ""."""
    method = latin(record.exchange.request.method)[:METHOD]
    if not bounds.methods.admits(route, method):
        method = OTHER
    verdict = record.verdict._value_  # not `.value`, which costs as much as all the rest of this
    if not record.reason:
        return method, verdict, ""
    reason = writable(record.reason)[:REASON].rstrip(" ")
    return method, verdict, reason if bounds.reasons.admits(route, reason) else OTHER


def _count_fields(counted: Counted, minute: int, record: Record, bounds: Bounds) -> None:
    """Each field once an exchange, however many elements of a list differ in it."""
    route, at, exchange_id = record.exchange.plan.route, record.exchange.started_at, record.exchange.id
    seen: dict[FieldKey, SeenField] = {}
    for difference in record.differences:
        named = named_in(route, difference, bounds)
        key = route, field_digest(*named)
        if key not in seen:
            seen[key] = SeenField(*named, at, at, exchange_id, difference)
    for key, field_ in seen.items():
        counted.field_counts[minute, *key] += 1
        known = counted.fields.setdefault(key, field_)
        known.first = min(known.first, at)
        if at >= known.last:
            known.last, known.exchange_id, known.example = at, exchange_id, field_.example


def named_in(route: str, difference: Difference, bounds: Bounds) -> tuple[str, str, str, str]:
    """Pattern, kind, rule or "", and value class; OTHER for what is not told apart."""
    pattern, kind, value_class = written_cause(difference.cause)
    named = (pattern, kind, writable(difference.rule or ""), value_class)
    return named if bounds.fields.admits(route, *named) else (OTHER, OTHER, "", "")


def written_cause(cause: Cause) -> Cause:
    """As it is kept."""
    pattern, kind, value_class = cause
    return writable(pattern), kind, value_class[:WORD]


def _count_finding(counted: Counted, minute: int, record: Record, fingerprint: str, bounds: Bounds) -> None:
    route, at = record.exchange.plan.route, record.exchange.started_at
    is_known = bounds.findings.admits(route, fingerprint)
    key = (route, fingerprint if is_known else OTHER)
    counted.groups[minute, *key] += 1
    seen = counted.findings.get(key)
    if seen is None:
        named = tuple(map(written_cause, causes(record.differences))) if is_known else ()
        seen = counted.findings[key] = SeenFinding(named, at, at)
    seen.first, seen.last, seen.count = min(seen.first, at), max(seen.last, at), seen.count + 1
    if record.is_whole:
        seen.examples = [*seen.examples[1 - MAX_EXAMPLES :], record.exchange.id]
