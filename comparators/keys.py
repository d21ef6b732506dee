"""Values -> keys that are equal exactly if the values are, so that lists can be compared in linear time.

Law of this file: counts and types matter: [1] is neither [true] nor ["1"], and [charge, charge] is never [charge].
Equal numbers are equal however they are spelled. What a rule ignores is left out, a twin stands for its twin, and a
list whose order doesn't count has none here. The work is bounded.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from decimal import Decimal

from comparators.document import Json, Repeated
from comparators.numbers import by_value
from comparators.policy import Node
from comparators.twins import UNBOUND

IGNORED = object()


class Exhausted(Exception):
    """The effort is spent."""


class Effort:
    """How many more values may be turned into keys."""

    __slots__ = ("left",)

    def __init__(self, values: int) -> None:
        self.left = values

    def spend(self, values: int) -> None:
        """Raises Exhausted."""
        self.left -= values
        if self.left < 0:
            raise Exhausted


def count(value: Json) -> int:
    """How many values a value is: itself and all that are in it."""
    if isinstance(value, dict):
        return 1 + sum(map(count, value.values()))
    return 1 + sum(map(count, value)) if isinstance(value, list | Repeated) else 1


class Keys:
    """Makes keys for one side, within an effort. `twin`: what stands for an id."""

    __slots__ = ("_effort", "_twin")

    def __init__(self, effort: Effort, twin: Callable[[Json], object]) -> None:
        self._effort, self._twin = effort, twin

    def of(self, values: list[Json], node: Node) -> list[Hashable]:
        """The keys of a list's elements. Raises Exhausted."""
        indexes, other = node.indexes, node.other
        if not indexes:
            return [self.one(value, other) for value in values]
        return [self.one(value, indexes.get(index, other)) for index, value in enumerate(values)]

    def one(self, value: Json, node: Node) -> Hashable:
        self._effort.spend(1)
        if node.ignore is not None:
            return IGNORED
        if isinstance(value, dict):
            return frozenset(self._members(value, node))
        if isinstance(value, list):
            keys = self.of(value, node)
            return (list, *keys) if node.unordered is None else (set, frozenset(Counter(keys).items()))
        if isinstance(value, Repeated):
            return (Repeated, *(self.one(each, node.other) for each in value))
        if node.twin is not None and (isinstance(value, str) or (value is not None and not isinstance(value, bool))):
            return (UNBOUND, self._twin(value))
        if isinstance(value, bool):
            return bool, value
        return by_value(value) if isinstance(value, int | Decimal) else value

    def _members(self, value: dict[str, Json], node: Node) -> Iterator[tuple[str, Hashable]]:
        for name, member in value.items():
            key = self.one(member, node.names.get(name, node.other))
            if key is not IGNORED:
                yield name, key
