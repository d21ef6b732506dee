"""Records as rows of `plans`, `exchanges`, `observations` and `differences`, and the bodies that they name.

Law of this file: bytes go in as bytes or as latin-1, so that they come back as they were. A record that was not kept
whole is one short row.
"""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from comparators import Difference
from proxy.messages import Exchange, Failure, Observation, System
from proxy.store.record import Record
from proxy.store.spelling import digest, headers_to_text, latin, writable
from proxy.store.statements import Row

LEGACY: Final = System.LEGACY
MOST_PLANS: Final = 10_000
"""Plans that are remembered; those of a canary tell its buckets."""

SLACK: Final = 3600.0
"""Seconds by which a plan or a body is kept longer than needed, so that its row is not touched with each exchange."""

EXCHANGE_BYTES: Final = 240
OBSERVATION_BYTES: Final = 90
DIFFERENCE_BYTES: Final = 70
BODY_BYTES: Final = 60
"""What a row needs besides its texts and bodies, indexes and half-empty pages included, about (docs/store.md)."""


class Plans:
    """The plans that were met: their numbers, and the moment up to which the store has each."""

    def __init__(self) -> None:
        self.until: dict[int, float] = {}
        self._numbers: dict[tuple[str, ...], int] = {}

    def number(self, exchange: Exchange) -> int:
        """A plan's number: a digest of all that it says."""
        plan = exchange.plan
        key = (
            plan.route,
            plan.stage._value_,
            plan.primary._value_,
            plan.backend,
            plan.shadow or "",
            plan.reason,
            exchange.table,
        )
        known = self._numbers.get(key)
        if known is None:
            if len(self._numbers) >= MOST_PLANS:
                self._numbers.clear()
                self.until.clear()
            name = blake2b("\0".join(key).encode("utf-8", "backslashreplace"), digest_size=8).digest()
            known = self._numbers[key] = int.from_bytes(name, "big", signed=True)
        return known


@dataclass(frozen=True, slots=True)
class Body:
    """A body to be kept, not packed yet. `at`: when the youngest exchange that needs it began."""

    content: bytes
    at: float

    @property
    def until(self) -> float:
        return self.at + SLACK


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a batch. `plans`: those that the store does not have for so long; `bodies`: by digest."""

    salt: bytes
    known: Plans
    plans: dict[int, Row] = field(default_factory=dict)
    exchanges: list[Row] = field(default_factory=list)
    observations: list[Row] = field(default_factory=list)
    differences: list[Row] = field(default_factory=list)
    bodies: dict[bytes, Body] = field(default_factory=dict)

    def add(self, record: Record) -> int:
        """Gives the bytes that the rows need, about, bodies left out."""
        exchange, shadow, whole = record.exchange, record.shadow, record.is_whole
        request, primary, at = exchange.request, exchange.primary, exchange.started_at
        plan, target = self.known.number(exchange), latin(request.target)
        if self.known.until.get(plan, 0.0) < at:
            self._plan(plan, exchange)
        headers = headers_to_text(request.headers) if whole else None
        self.exchanges.append(
            (
                exchange.id,
                at,
                plan,
                record.verdict._value_,
                None if record.reason is None else writable(record.reason),
                record.fingerprint,
                latin(request.method),
                target,
                *(_outcomes(primary, shadow) if primary.system is LEGACY else _outcomes(shadow, primary)),
                headers,
                self._body(request.body, at) if request.body else None,
            )
        )
        size = EXCHANGE_BYTES + len(target)
        if whole:
            size += len(headers or "")
        if whole or isinstance(primary.outcome, Failure):
            size += self._observe(record, primary)
        if shadow is not None and (whole or isinstance(shadow.outcome, Failure)):
            size += self._observe(record, shadow)
        return size + self._differ(exchange.id, record.differences) if record.differences else size

    def _plan(self, number: int, exchange: Exchange) -> None:
        plan = exchange.plan
        known = self.plans.get(number)
        if known is not None and isinstance(known[1], float) and known[1] > exchange.started_at:
            return
        self.plans[number] = (
            number,
            exchange.started_at + SLACK,
            plan.route,
            plan.stage.value,
            plan.primary.value,
            plan.backend,
            plan.shadow,
            writable(plan.reason),
            exchange.table,
        )

    def _body(self, body: bytes, at: float) -> bytes:
        name = digest(body, self.salt)
        known = self.bodies.get(name)
        if known is None or known.at < at:
            self.bodies[name] = Body(body, at)
        return name

    def _observe(self, record: Record, observation: Observation) -> int:
        outcome = observation.outcome
        begin = (record.exchange.id, observation.system.value, observation.backend)
        if isinstance(outcome, Failure):
            detail = writable(outcome.detail)
            self.observations.append((*begin, None, None, None, outcome.kind.value, outcome.maybe_sent, detail))
            return OBSERVATION_BYTES + len(detail)
        headers = headers_to_text(outcome.headers)
        body = self._body(outcome.body, record.exchange.started_at) if outcome.body else None
        self.observations.append((*begin, latin(outcome.reason), headers, body, None, None, None))
        return OBSERVATION_BYTES + len(headers)

    def _differ(self, exchange_id: str, differences: tuple[Difference, ...]) -> int:
        size = 0
        for position, each in enumerate(differences):
            legacy = None if each.legacy is None else writable(each.legacy)
            candidate = None if each.candidate is None else writable(each.candidate)
            rule = None if each.rule is None else writable(each.rule)
            named = (exchange_id, position, writable(each.path), each.kind.value)
            self.differences.append((*named, legacy, candidate, rule, each.severity.value))
            size += DIFFERENCE_BYTES + len(each.path) + len(legacy or "") + len(candidate or "") + len(rule or "")
        return size


def _outcomes(
    legacy: Observation | None, candidate: Observation | None
) -> tuple[int | None, float | None, int | None, float | None]:
    """Status and seconds of legacy, then of the candidate."""
    first = None if legacy is None or isinstance(legacy.outcome, Failure) else legacy.outcome.status
    second = None if candidate is None or isinstance(candidate.outcome, Failure) else candidate.outcome.status
    return first, None if legacy is None else legacy.seconds, second, None if candidate is None else candidate.seconds
