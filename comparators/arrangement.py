"""Was a list only put in another order, or did it only lose or gain elements?

Law of this file: counts matter. [charge, charge] is never a rearrangement of [charge], nor of [charge, refund, charge].
Elements are compared by their keys. The work is bounded: where it would be too much, the answer is "no", and the
elements are listed one by one as they stand.
"""

from collections import Counter, deque
from collections.abc import Hashable

from comparators.differences import Kind
from comparators.document import Json, Repeated
from comparators.keys import Effort, Exhausted, Keys
from comparators.numbers import is_number
from comparators.policy import Node
from comparators.twins import Twins

EFFORT = 200_000
"""Values that one comparison may turn into keys."""


class Arranger:
    """Answers for the lists of one comparison, within EFFORT."""

    __slots__ = ("_candidate", "_legacy", "moved")

    def __init__(self, twins: Twins) -> None:
        effort = Effort(EFFORT)
        self._legacy, self._candidate = Keys(effort, twins.of_legacy), Keys(effort, twins.of_candidate)
        self.moved: list[int] = []

    def only(self, legacy: list[Json], candidate: list[Json], node: Node) -> Kind | None:
        """`ORDER` if only the order differs, `LENGTH` if one list is the other with elements left out, else None.

        After `ORDER`, `moved` holds for each element of the candidate its place in the legacy's list.
        """
        try:
            ours, theirs = self._legacy.of(legacy, node), self._candidate.of(candidate, node)
        except Exhausted:
            return None
        if len(ours) == len(theirs):
            if Counter(ours) != Counter(theirs):
                return None
            self.moved = _places(ours, theirs)
            return Kind.ORDER
        shorter, longer = sorted((ours, theirs), key=len)
        return Kind.LENGTH if _left_out_of(longer, shorter) else None


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
