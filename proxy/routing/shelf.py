"""The rules of one path, by rank; where many ask for one value of the same thing, they are found by that value.

Law of this file: which rules are looked at depends on a request, which one wins never does: a rule that is left out
could not have held. So a thousand routes of one path that differ by host, or by a header, cost what one does: whole
values and `*.` hosts lie in dicts, expressions in one RE2 set.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Final, TypeAlias

import re2

from proxy.routing.asked import Asked, Source
from proxy.routing.condition import Condition, HostCondition, ValueCondition
from proxy.routing.expression import MatchError, pattern_set
from proxy.routing.route import ValueKind
from proxy.routing.rule import Rule

MANY: Final = 8
"""Up to so many rules are simply tried one after the other."""

_Thing: TypeAlias = tuple[Source, bytes]
_NONE: Final[list[Rule]] = []
by_rank = attrgetter("rank")


class Shelf:
    """`rules`: all of them, by rank."""

    __slots__ = ("_by_suffix", "_by_value", "_labels", "_matching", "_patterns", "_rest", "_thing", "rules")

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules: tuple[Rule, ...] = tuple(rules)
        self._thing: _Thing | None = most_asked(self.rules) if len(self.rules) > MANY else None
        self._by_value: dict[bytes, list[Rule]] = {}
        self._by_suffix: dict[bytes, list[Rule]] = {}
        self._matching: list[Rule] = []
        self._rest: list[Rule] = []
        if self._thing is not None:
            for rule in self.rules:
                self._place(rule, self._thing)
        self._labels = max((suffix.count(b".") for suffix in self._by_suffix), default=0)
        self._patterns = self._one_look()

    def _place(self, rule: Rule, thing: _Thing) -> None:
        condition = _asking(rule, thing)
        if condition is None:
            self._rest.append(rule)
        elif isinstance(condition, ValueCondition) and condition.kind is ValueKind.REGEX:
            self._matching.append(rule)
        else:
            for value in _values(condition):
                self._by_value.setdefault(value, []).append(rule)
            for suffix in condition.suffixes if isinstance(condition, HostCondition) else ():
                self._by_suffix.setdefault(suffix, []).append(rule)

    def _one_look(self) -> "re2.Set | None":
        """All expressions in one; where they are too large for that, each is tried."""
        if self._thing is None or not self._matching:
            return None
        conditions = [_asking(rule, self._thing) for rule in self._matching]
        try:
            return pattern_set(each.value.decode() for each in conditions if isinstance(each, ValueCondition))
        except MatchError:
            self._rest.extend(self._matching)
            return None

    def likely(self, asked: Asked) -> Sequence[Rule]:
        """The rules that could hold, by rank."""
        if self._thing is None:
            return self.rules
        value = asked.value(self._thing[0], self._thing[1])
        found = self._by_value.get(value, _NONE) if value is not None else _NONE
        if value is not None and (self._labels or self._patterns is not None):
            found = [*found, *self._loosely(value)]
        elif not self._rest:
            return found
        return sorted([*found, *self._rest], key=by_rank)

    def _loosely(self, value: bytes) -> Iterator[Rule]:
        """The rules whose `*.` or whose expression takes a value."""
        if self._patterns is not None:
            for index in self._patterns.Match(value) or ():
                yield self._matching[index]
        end = len(value)
        for _ in range(self._labels):
            end = value.rfind(b".", 1, end)  # before the dot there is a label
            if end < 0:
                return
            yield from self._by_suffix.get(value[end:], _NONE)


def most_asked(rules: Sequence[Rule]) -> _Thing | None:
    """The thing by whose value the fewest rules are left to be looked at, whatever the value; the first of equals."""
    things = dict.fromkeys(thing for rule in rules for thing in _things(rule))
    return min(things, key=lambda thing: _worst(rules, thing), default=None)


def _worst(rules: Sequence[Rule], thing: _Thing) -> int:
    """How many rules are left for the value that most of them ask for; each expression is thought to take its own."""
    counted: Counter[object] = Counter()
    rest = 0
    for rule in rules:
        condition = _asking(rule, thing)
        if condition is None:
            rest += 1
        elif isinstance(condition, HostCondition):
            counted.update((*condition.exact, *condition.suffixes))
        else:
            counted[condition.kind, condition.value] += 1
    return rest + max(counted.values(), default=0)


def wanted(rule: Rule, thing: _Thing) -> frozenset[bytes]:
    """The values of a thing with which alone a rule can hold; empty if it asks for none in particular."""
    condition = _asking(rule, thing)
    if condition is None or (isinstance(condition, HostCondition) and condition.suffixes):
        return frozenset()
    return _values(condition)


def _asking(rule: Rule, thing: _Thing) -> HostCondition | ValueCondition | None:
    """What a rule asks of a thing; None if nothing that could be found by its value."""
    for condition in rule.conditions:
        if _thing_of(condition) == thing and isinstance(condition, HostCondition | ValueCondition):
            return condition
    return None


def _things(rule: Rule) -> Iterator[_Thing]:
    for condition in rule.conditions:
        thing = _thing_of(condition)
        if thing is not None:
            yield thing


def _thing_of(condition: Condition) -> _Thing | None:
    if isinstance(condition, HostCondition):
        return Source.HOST, b""
    if isinstance(condition, ValueCondition) and condition.kind in (ValueKind.EXACT, ValueKind.REGEX):
        return condition.source, condition.name
    return None


def _values(condition: HostCondition | ValueCondition) -> frozenset[bytes]:
    if isinstance(condition, HostCondition):
        return condition.exact
    return frozenset((condition.value,)) if condition.kind is ValueKind.EXACT else frozenset()
