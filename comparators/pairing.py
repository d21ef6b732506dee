"""Which element of one list belongs to which of another, where their order doesn't count.

Law of this file: each element has one partner at most. Equal ones are paired before all others, then those that differ
in nothing that counts, then the most alike; what is left over has none. The work is bounded: of more elements without
an equal than may be tried with each other, the first is paired with the first, as it is inside an element on trial.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeAlias

from comparators.document import Json, canonical
from comparators.keys import Effort, Exhausted, Keys, count
from comparators.policy import Node
from comparators.rules import UnorderedRule
from comparators.siblings import at, way
from comparators.twins import Twins, key_of

EFFORT = 2_000_000
"""Values that one comparison may turn into keys to pair lists: a body of 10 MB has some 500,000."""

TRIALS = 1024
"""Pairs of unequal elements of one list that are compared on trial."""

TRIED = 30_000
"""Values of elements that one comparison compares on trial, in all its lists."""

MOVED = 100
"""Elements of a list in which one may leave its equal for another's sake."""

Pair: TypeAlias = tuple[int | None, int | None]
"""The places of an element in legacy's list and in the candidate's; None: it has no partner there."""


class Pairer:
    """Pairs the lists of one comparison. `trial`: how many differences that count two elements have."""

    __slots__ = ("_candidate", "_has_twins", "_is_trying", "_legacy", "_raw", "_trial", "_trials")

    def __init__(self, twins: Twins, has_twins: bool, trial: Callable[[Json, Json, Node], int]) -> None:
        effort = Effort(EFFORT)
        self._legacy, self._candidate = Keys(effort, twins.of_legacy), Keys(effort, twins.of_candidate)
        self._raw = Keys(effort, key_of)
        self._has_twins, self._trial = has_twins, trial
        self._trials, self._is_trying = Effort(TRIED), False

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

    def alike(self, values: list[Json], node: Node) -> int:
        """How many elements of legacy's list are like another but for twins not known yet. Raises Exhausted."""
        keys = [self._legacy.one(value, node.other) for value in values]
        return len(keys) - len({*keys})

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
        partners, moved = dict[int, int](), []
        for key, place in self._keyed(self._legacy, legacy, ours, node):
            if place in over[key] and not self._has_twins:  # it stayed where it was
                del over[key][place]
                partners[place] = place
            else:
                moved.append((key, place))
        for key, place in moved:
            partner = next(iter(over[key]), None)
            if partner is not None:
                del over[key][partner]
                partners[place] = partner
        self._match_rest(legacy, candidate, node, ours, theirs, partners)
        taken = {*partners.values()}
        yield from ((place, partners.get(place)) for place in ours)
        yield from ((None, place) for place in theirs if place not in taken)

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

    def _match_rest(
        self,
        legacy: list[Json],
        candidate: list[Json],
        node: Node,
        ours: list[int],
        theirs: list[int],
        partners: dict[int, int],
    ) -> None:
        """Adds the partners of elements without an equal; so that nothing counts in as many pairs as can be, an element
        may leave its equal for another.
        """
        taken = {*partners.values()}
        left, over = [each for each in ours if each not in partners], [each for each in theirs if each not in taken]
        if self._is_trying or len(left) == len(over) == 1 == len(ours) or len(left) * len(over) > TRIALS:
            partners.update(zip(left, over, strict=False))
        elif left and over:
            tried = _Tried(lambda one, other: self._tried(legacy[one], candidate[other], node.other))
            _assign(left, over, theirs, tried, partners)

    def _tried(self, legacy: Json, candidate: Json, node: Node) -> int:
        """What a pair costs. Raises keys.Exhausted if no more may be tried."""
        if self._trials.left < 0:
            raise Exhausted
        self._trials.spend(count(legacy) + count(candidate))
        self._is_trying = True
        try:
            return self._trial(legacy, candidate, node)
        finally:
            self._is_trying = False


class _Tried:
    """What pairs cost, each tried once; beyond twice TRIALS, or TRIED, none is tried, and each costs something."""

    __slots__ = ("_costs", "_trial")

    def __init__(self, trial: Callable[[int, int], int]) -> None:
        self._trial = trial
        self._costs: dict[tuple[int, int], int] = {}

    def cost(self, one: int, other: int) -> int:
        known = self._costs.get((one, other))
        if known is not None:
            return known
        if len(self._costs) >= 2 * TRIALS:
            return 1
        try:
            known = self._costs[one, other] = self._trial(one, other)
        except Exhausted:
            return 1
        return known


def identical(legacy: list[Json], candidate: list[Json]) -> dict[int, int]:
    """Places of elements that are the same to the byte, the candidate's by legacy's; those that stayed first. They
    are from documents that have canonical bytes.
    """
    ours, theirs = [*map(canonical, legacy)], [*map(canonical, candidate)]
    found = {place: place for place, (one, other) in enumerate(zip(ours, theirs, strict=False)) if one == other}
    free: defaultdict[bytes, deque[int]] = defaultdict(deque)
    for place, key in enumerate(theirs):
        if place not in found:
            free[key].append(place)
    for place, key in enumerate(ours):
        if place not in found and free[key]:
            found[place] = free[key].popleft()
    return found


def _by_place(pair: Pair) -> tuple[bool, int]:
    ours, theirs = pair
    return (True, theirs or 0) if ours is None else (False, ours)


def _node_of(node: Node, steps: Sequence[str | int]) -> Node:
    for step in steps:
        node = node.names.get(step, node.other) if isinstance(step, str) else node.indexes.get(step, node.other)
    return node


def _assign(left: list[int], over: list[int], theirs: list[int], tried: _Tried, partners: dict[int, int]) -> None:
    """Finds a partner for each of `left` as far as there is one: of cost zero for as many as can be, then the cheapest
    of `over` first.
    """
    owners = {other: one for one, other in partners.items()}
    columns = [*over, *theirs] if len(theirs) <= MOVED else over
    for one in left:
        _find(one, columns, tried, owners, set())
    partners.clear()
    partners.update((one, other) for other, one in owners.items())
    free = [other for other in theirs if other not in owners]
    rest = sorted((tried.cost(one, other), one, other) for one in left if one not in partners for other in free)
    for _, one, other in rest:
        if one not in partners and other not in owners:
            partners[one], owners[other] = other, one


def _find(one: int, theirs: list[int], tried: _Tried, owners: dict[int, int], seen: set[int]) -> bool:
    """A partner of cost zero for one, moving others if need be (Kuhn's augmenting paths)."""
    for other in theirs:
        if other not in seen and tried.cost(one, other) == 0:
            seen.add(other)
            if other not in owners or _find(owners[other], theirs, tried, owners, seen):
                owners[other] = one
                return True
    return False
