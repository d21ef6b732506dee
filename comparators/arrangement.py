"""Was a list only put in another order, or did it only lose or gain elements?

Law of this file: counts matter. [charge, charge] is never a rearrangement of [charge], nor of [charge, refund, charge].
Elements are compared by keys in which equal values are equal and values that a rule ignores are left out. The work is
bounded: where it would be too much, the answer is "no", and the elements are listed one by one as they stand.
"""

from collections import Counter, deque
from collections.abc import Hashable, Iterator
from decimal import Decimal

from comparators.differences import Kind
from comparators.document import Json, Repeated
from comparators.policy import Node

EFFORT = 200_000
"""Values that one comparison may turn into keys."""


class _Exhausted(Exception):
    """The effort is spent."""


class Arranger:
    """Answers for the lists of one comparison, within EFFORT."""

    __slots__ = ("_left", "moved")

    def __init__(self) -> None:
        self._left = EFFORT
        self.moved: list[int] = []

    def only(self, legacy: list[Json], candidate: list[Json], node: Node) -> Kind | None:
        """`ORDER` if only the order differs, `LENGTH` if one list is the other with elements left out, else None.

        After `ORDER`, `moved` holds for each element of the candidate its place in the legacy's list.
        """
        try:
            ours, theirs = self._keys(legacy, node), self._keys(candidate, node)
        except _Exhausted:
            return None
        if len(ours) == len(theirs):
            if Counter(ours) != Counter(theirs):
                return None
            self.moved = _places(ours, theirs)
            return Kind.ORDER
        shorter, longer = sorted((ours, theirs), key=len)
        return Kind.LENGTH if _left_out_of(longer, shorter) else None

    def _keys(self, values: list[Json], node: Node) -> list[Hashable]:
        return [self._key(value, node.indexes.get(index, node.other)) for index, value in enumerate(values)]

    def _key(self, value: Json, node: Node) -> Hashable:
        self._left -= 1
        if self._left < 0:
            raise _Exhausted
        if node.ignore is not None:
            return IGNORED
        if isinstance(value, dict):
            return frozenset(self._members(value, node))
        if isinstance(value, list):
            return (list, *self._keys(value, node))
        if isinstance(value, Repeated):
            return (Repeated, *(self._key(each, node.other) for each in value))
        return (bool, value) if isinstance(value, bool) else value

    def _members(self, value: dict[str, Json], node: Node) -> Iterator[tuple[str, Hashable]]:
        for name, member in value.items():
            key = self._key(member, node.names.get(name, node.other))
            if key is not IGNORED:
                yield name, key


IGNORED = object()


def _places(ours: list[Hashable], theirs: list[Hashable]) -> list[int]:
    """Where each of `theirs` stands in `ours`, which holds the same; equal ones in turn."""
    places: dict[Hashable, deque[int]] = {}
    for place, key in enumerate(ours):
        places.setdefault(key, deque()).append(place)
    return [places[key].popleft() for key in theirs]


def _left_out_of(longer: list[Hashable], shorter: list[Hashable]) -> bool:
    rest = iter(longer)
    return all(key in rest for key in shorter)


def same(legacy: Json, candidate: Json) -> bool:
    """Equal in type and value, all the way down. Numbers are one type; true is not a number."""
    if type(legacy) is not type(candidate):
        return is_number(legacy) and is_number(candidate) and legacy == candidate
    if isinstance(legacy, dict) and isinstance(candidate, dict):
        return legacy.keys() == candidate.keys() and all(same(legacy[name], candidate[name]) for name in legacy)
    if isinstance(legacy, list | Repeated) and isinstance(candidate, list | Repeated):
        return len(legacy) == len(candidate) and all(map(same, legacy, candidate))
    return legacy == candidate


def is_number(value: Json) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
