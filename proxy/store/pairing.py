"""What the noise controls of a batch add: pairs, and on which side of them each cause showed. Pure.

Law of this file: a pair counts for a cause only by what is told apart on both sides, so that a bound that was reached
never makes a cause of the candidate look like one of legacy.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from comparators import Cause, Difference
from proxy.store.counting import MAX_EXAMPLES, OTHER, WORD, Bounds, FieldKey, field_digest, named_in, written_cause
from proxy.store.periods import MINUTE, start_of
from proxy.store.record import COMPARED, Control, Record


class Side(StrEnum):
    """Who differs from legacy in a pair: the candidate, the second legacy, or both of them."""

    BOTH = "in_both"
    CANDIDATE = "in_candidate"
    CONTROL = "in_control"


@dataclass(slots=True)
class SeenNoise:
    """In what legacy differed from a second legacy: the cause, when last, and the latest pairs of values."""

    cause: Cause
    last: float
    examples: list[Difference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Paired:
    """What a batch adds. Counts are by minute: (start of the minute, route, ...)."""

    outcomes: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    sides: Counter[tuple[int, str, bytes, Side]] = field(default_factory=Counter)
    noises: dict[FieldKey, SeenNoise] = field(default_factory=dict)


def pair(records: Iterable[Record], bounds: Bounds) -> Paired:
    """The counts of these records."""
    paired = Paired()
    for record in records:
        if record.control is not None:
            route, minute = record.exchange.plan.route, start_of(MINUTE, record.exchange.started_at)
            paired.outcomes[minute, route, record.control.outcome[:WORD]] += 1
            if record.control.outcome == COMPARED:
                _count_pair(paired, minute, record, record.control, bounds)
    return paired


def _count_pair(paired: Paired, minute: int, record: Record, control: Control, bounds: Bounds) -> None:
    route = record.exchange.plan.route
    candidate = _in_candidate(record, bounds)
    noisy = {field_digest(*_key(difference)): difference for difference in control.differences}
    for name, difference in noisy.items():
        if bounds.noises.admits(route, *written_cause(difference.cause)):
            _see(paired, (route, name), difference, record.exchange.started_at)
        elif name not in candidate:
            continue
        paired.sides[minute, route, name, Side.BOTH if name in candidate else Side.CONTROL] += 1
    for name in candidate - noisy.keys():
        paired.sides[minute, route, name, Side.CANDIDATE] += 1


def _in_candidate(record: Record, bounds: Bounds) -> set[bytes]:
    route = record.exchange.plan.route
    named = {named_in(route, each, bounds) for each in record.differences if each.rule is None}
    return {field_digest(*each) for each in named if each[0] != OTHER}


def _key(difference: Difference) -> tuple[str, str, str, str]:
    pattern, kind, value_class = written_cause(difference.cause)
    return pattern, kind, "", value_class


def _see(paired: Paired, key: FieldKey, difference: Difference, at: float) -> None:
    seen = paired.noises.setdefault(key, SeenNoise(written_cause(difference.cause), at))
    seen.last = max(seen.last, at)
    seen.examples = [*seen.examples[1 - MAX_EXAMPLES :], difference]
