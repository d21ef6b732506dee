"""Ids that the two systems call by other names: a one-to-one renaming, kept for one comparison.

Law of this file: the first meeting of two ids binds them, and what is bound stays bound. A renaming that would give one
id two twins is never made.
"""

import re
from collections.abc import Hashable
from decimal import Decimal

from comparators.document import Json
from comparators.numbers import by_value, is_number

_DIGITS = re.compile(r"0|[1-9][0-9]{0,99}", re.ASCII)

UNBOUND = object()
"""Stands for an id that has no twin yet: any other such id may be its twin."""


class Twins:
    """The renaming so far. Ids are strings and numbers; `null`, true and the rest are none."""

    __slots__ = ("_backward", "_forward", "_made")

    def __init__(self) -> None:
        self._forward: dict[Hashable, Hashable] = {}
        self._backward: dict[Hashable, Hashable] = {}
        self._made: list[Hashable] = []

    def meet(self, legacy: Json, candidate: Json) -> bool:
        """Whether two ids are twins, or become so now since neither has another."""
        ours, theirs = key_of(legacy), key_of(candidate)
        bound, back = self._forward.get(ours, UNBOUND), self._backward.get(theirs, UNBOUND)
        if bound is UNBOUND and back is UNBOUND:
            self._forward[ours], self._backward[theirs] = theirs, ours
            self._made.append(ours)
            return True
        return bound is not UNBOUND and bound == theirs

    def are_bound(self, legacy: str, candidate: str) -> bool:
        """Whether two texts, as a URL has them, are twins by now; numbers count by their digits."""
        if self._forward.get(legacy, UNBOUND) == candidate:
            return True
        if not _DIGITS.fullmatch(legacy) or not _DIGITS.fullmatch(candidate):
            return False
        return self._forward.get(key_of(int(legacy)), UNBOUND) == key_of(int(candidate))

    def of_legacy(self, value: Json) -> object:
        """What stands for an id of legacy: its twin's key, or UNBOUND."""
        return self._forward.get(key_of(value), UNBOUND)

    def of_candidate(self, value: Json) -> object:
        key = key_of(value)
        return key if key in self._backward else UNBOUND

    def mark(self) -> int:
        return len(self._made)

    def back_to(self, mark: int) -> None:
        """Forgets what was bound since a mark."""
        for legacy in self._made[mark:]:
            del self._backward[self._forward.pop(legacy)]
        del self._made[mark:]


def key_of(value: Json) -> Hashable:
    """What stands for an id in a dictionary."""
    return by_value(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else str(value)


def are_ids(legacy: Json, candidate: Json) -> bool:
    """Whether two values can be twins: two strings, or two numbers."""
    if isinstance(legacy, str):
        return isinstance(candidate, str)
    return is_number(legacy) and is_number(candidate)
