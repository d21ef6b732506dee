"""Which element of one list belongs to which of another, where their order doesn't count.

Law of this file: each element has one partner at most. Equal ones are paired before all others, then those that differ
in nothing that counts, then the most alike; what is left over has none. The work is bounded: of more elements without
an equal than may be tried with each other, the first is paired with the first.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeAlias

from comparators.document import Json
from comparators.keys import Effort, Keys
from comparators.policy import Node
from comparators.rules import UnorderedRule
from comparators.siblings import at, way
from comparators.twins import Twins

EFFORT = 2_000_000
"""Values that one comparison may turn into keys to pair lists: a body of 10 MB has some 500,000."""

TRIALS = 1024
"""Pairs of unequal elements of one list that are compared on trial."""

Pair: TypeAlias = tuple[int | None, int | None]
"""The places of an element in legacy's list and in the candidate's; None: it has no partner there."""


class Pairer:
    """Pairs the lists of one comparison. `trial`: how many differences that count two elements have."""

    __slots__ = ("_candidate", "_has_twins", "_legacy", "_raw", "_trial")

    def __init__(self, twins: Twins, has_twins: bool, trial: Callable[[Json, Json, Node], int]) -> None:
        effort = Effort(EFFORT)
        self._legacy, self._candidate = Keys(effort, twins.of_legacy), Keys(effort, twins.of_candidate)
        self._raw = Keys(effort, lambda value: value)
        self._has_twins, self._trial = has_twins, trial

    def pairs(self, legacy: list[Json], candidate: list[Json], node: Node) -> list[Pair]:
        """All elements of both lists, each once, by their place in legacy's; then those that only the candidate has.

        Raises keys.Exhausted.
        """
        assert node.unordered is not None
        found: list[Pair] = []
        for ours, theirs in self._groups(legacy, candidate, node, node.unordered):
            if len(ours) == len(theirs) == 1:
                found.append((ours[0], theirs[0]))
            else:
                found += self._within(legacy, candidate, node, ours, theirs)
        return sorted(found, key=_by_place)

    def _groups(
        self, legacy: list[Json], candidate: list[Json], node: Node, rule: UnorderedRule
    ) -> Iterator[tuple[list[int], list[int]]]:
        """The places of the elements that have one key; without a key all of them."""
        if rule.key is None:
            yield [*range(len(legacy))], [*range(len(candidate))]
            return
        steps = way(rule.key)
        inner = _node_of(node.other, steps)
        groups: dict[Hashable, tuple[list[int], list[int]]] = {}
        for side, keys, values in ((0, self._legacy, legacy), (1, self._candidate, candidate)):
            for place, value in enumerate(values):
                groups.setdefault(keys.one(at(value, steps), inner), ([], []))[side].append(place)
        yield from groups.values()

    def _within(
        self, legacy: list[Json], candidate: list[Json], node: Node, ours: list[int], theirs: list[int]
    ) -> Iterator[Pair]:
        over: defaultdict[Hashable, dict[int, None]] = defaultdict(dict)
        for key, place in self._keyed(self._candidate, candidate, theirs, node):
            over[key][place] = None
        moved = []
        for key, place in self._keyed(self._legacy, legacy, ours, node):
            if place in over[key] and not self._has_twins:  # it stayed where it was
                del over[key][place]
                yield place, place
            else:
                moved.append((key, place))
        left = []
        for key, place in moved:
            partner = next(iter(over[key]), None)
            if partner is None:
                left.append(place)
            else:
                del over[key][partner]
                yield place, partner
        rest = sorted(place for places in over.values() for place in places)
        yield from self._unequal(legacy, candidate, node, sorted(left), rest)

    def _keyed(self, keys: Keys, values: list[Json], places: list[int], node: Node) -> list[tuple[Hashable, int]]:
        """The key of each element, with its place. If there are twins also how often such a one, down to its ids, is
        there, and the same ones stand together: so that [A, B, A] finds [x, x, y].
        """
        keyed = [(keys.one(values[place], node.other), place) for place in places]
        if not self._has_twins:
            return keyed
        raw = {place: self._raw.one(values[place], node.other) for place in places}
        counts, first = Counter(raw.values()), dict[Hashable, int]()
        for place in places:
            first.setdefault(raw[place], place)
        keyed.sort(key=lambda pair: first[raw[pair[1]]])
        return [((key, counts[raw[place]]), place) for key, place in keyed]

    def _unequal(
        self, legacy: list[Json], candidate: list[Json], node: Node, left: list[int], over: list[int]
    ) -> Iterator[Pair]:
        if left and over and (len(left) > 1 or len(over) > 1) and len(left) * len(over) <= TRIALS:
            costs = [[self._trial(legacy[i], candidate[j], node.other) for j in over] for i in left]
            partners = _assigned(costs)
        else:
            partners = {place: place for place in range(min(len(left), len(over)))}
        yield from ((left[one], over[other]) for one, other in partners.items())
        yield from ((place, None) for index, place in enumerate(left) if index not in partners)
        taken = set(partners.values())
        yield from ((None, place) for index, place in enumerate(over) if index not in taken)


def _by_place(pair: Pair) -> tuple[bool, int]:
    ours, theirs = pair
    return (True, theirs or 0) if ours is None else (False, ours)


def _node_of(node: Node, steps: Sequence[str | int]) -> Node:
    for step in steps:
        node = node.names.get(step, node.other) if isinstance(step, str) else node.indexes.get(step, node.other)
    return node


def _assigned(costs: list[list[int]]) -> dict[int, int]:
    """A partner for each row as far as there are columns: as many of cost zero as can be, then the cheapest first."""
    owners: dict[int, int] = {}
    for row in range(len(costs)):
        _find(row, costs, owners, set())
    partners = {row: column for column, row in owners.items()}
    rest = sorted(
        (cost, row, column)
        for row, columns in enumerate(costs)
        if row not in partners
        for column, cost in enumerate(columns)
        if column not in owners
    )
    for _, row, column in rest:
        if row not in partners and column not in owners:
            partners[row], owners[column] = column, row
    return partners


def _find(row: int, costs: list[list[int]], owners: dict[int, int], seen: set[int]) -> bool:
    """A column of cost zero for a row, moving others if need be (Kuhn's augmenting paths)."""
    for column, cost in enumerate(costs[row]):
        if cost == 0 and column not in seen:
            seen.add(column)
            if column not in owners or _find(owners[column], costs, owners, seen):
                owners[column] = row
                return True
    return False
