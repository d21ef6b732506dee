"""The rules of one path, by rank; where many ask for one value of the same thing, they are found by that value.

Law of this file: which rules are looked at depends on a request, which one wins never does: a rule that is left out
could not have held. So a thousand routes of one path that differ by host, or by a header, cost what one does.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Final, TypeAlias

from proxy.routing.asked import Asked, Source
from proxy.routing.condition import Condition, HostCondition, ValueCondition
from proxy.routing.route import ValueKind
from proxy.routing.rule import Rule

MANY: Final = 8
"""Up to so many rules are simply tried one after the other."""

_Thing: TypeAlias = tuple[Source, bytes]
by_rank = attrgetter("rank")


class Shelf:
    """`rules`: all of them, by rank."""

    __slots__ = ("_by_value", "_rest", "_thing", "rules")

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules: tuple[Rule, ...] = tuple(rules)
        self._thing: _Thing | None = most_asked(self.rules) if len(self.rules) > MANY else None
        self._by_value: dict[bytes, list[Rule]] = {}
        self._rest: list[Rule] = []
        if self._thing is not None:
            self._sort(self._thing)

    def _sort(self, thing: _Thing) -> None:
        for rule in self.rules:
            values = wanted(rule, thing)
            for value in values:
                self._by_value.setdefault(value, []).append(rule)
            if not values:
                self._rest.append(rule)

    def likely(self, asked: Asked) -> Sequence[Rule]:
        """The rules that could hold, by rank."""
        if self._thing is None:
            return self.rules
        value = asked.value(self._thing[0], self._thing[1])
        found = self._by_value.get(value) if value is not None else None
        if found is None:
            return self._rest
        return sorted([*found, *self._rest], key=by_rank) if self._rest else found


def most_asked(rules: Sequence[Rule]) -> _Thing | None:
    """The thing by whose value the fewest rules are left to be looked at, whatever the value; the first of equals."""
    things = dict.fromkeys(thing for rule in rules for thing in _things(rule))
    return min(things, key=lambda thing: _worst(rules, thing), default=None)


def _worst(rules: Sequence[Rule], thing: _Thing) -> int:
    """How many rules are left for the value that most of them ask for."""
    counted: Counter[bytes] = Counter()
    rest = 0
    for rule in rules:
        values = wanted(rule, thing)
        counted.update(values)
        rest += not values
    return rest + max(counted.values(), default=0)


def wanted(rule: Rule, thing: _Thing) -> frozenset[bytes]:
    """The values of a thing with which alone a rule can hold; empty if it asks for none in particular."""
    found = (_values(condition) for condition in rule.conditions if _thing_of(condition) == thing)
    return next(found, frozenset())


def _things(rule: Rule) -> Iterator[_Thing]:
    for condition in rule.conditions:
        thing = _thing_of(condition)
        if thing is not None:
            yield thing


def _thing_of(condition: Condition) -> _Thing | None:
    if isinstance(condition, HostCondition):
        return None if condition.suffixes else (Source.HOST, b"")
    if isinstance(condition, ValueCondition) and condition.kind is ValueKind.EXACT:
        return condition.source, condition.name
    return None


def _values(condition: Condition) -> frozenset[bytes]:
    if isinstance(condition, HostCondition):
        return condition.exact
    return frozenset((condition.value,)) if isinstance(condition, ValueCondition) else frozenset()
