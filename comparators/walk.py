"""Two values, side by side -> differences.

Law of this file: every value of both sides is looked at once, by exact type and value, and an equal value costs next
to nothing: no path is written and no object made before there is a difference. Lists are compared by index, unless a
rule says that their order doesn't count; one that was only rearranged, or only lost or gained elements, gives a single
difference at the list's own path.
"""

from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from operator import ne
from typing import Any, Final, TypeAlias

from msgspec.structs import replace

from comparators.arrangement import Arranger, same
from comparators.codings import Unreadable
from comparators.differences import EQUAL_BY_VALUE, Difference, Findings, Kind, Mark, severity_of
from comparators.display import displayed, shown
from comparators.document import Json, Repeated, canonical
from comparators.excuses import excuse, is_rounding
from comparators.keys import Exhausted
from comparators.kinds import kind_of, severity_between
from comparators.money import mean_otherwise
from comparators.pairing import EFFORT, MOVED, Pair, Pairer, identical
from comparators.paths import Place, written
from comparators.policy import Node, Policy
from comparators.siblings import Around
from comparators.twins import Twins, are_ids

PLACES = 20
"""Elements of a list in another order whose places are shown."""

MAX_DEPTH = 200
"""Levels of nesting that are compared."""

SKIPPED = frozenset({1, 2})
"""Levels below the root at which equal parts are skipped by their bytes, in a fifth of the time of a walk. Each level
encodes the whole document once more at the worst, so there are few.
"""

Orders: TypeAlias = Callable[[Json, Json], tuple[list[str], list[str]]]
_Task: TypeAlias = tuple[Place, list[Json], list[Json], Node, int]


class _Absent(Enum):
    ABSENT = 0


_ABSENT: Final = _Absent.ABSENT
_UNLIKE: Final[dict[type, Callable[[Any, Any], object]]] = {
    str: ne,
    int: ne,
    bool: ne,
    type(None): ne,
    Decimal: Decimal.compare_total,  # zero for equal digits and exponent, that is, equal value and spelling
}
"""Whether two plain values of one type differ."""


def walk(
    legacy: Json,
    candidate: Json,
    policy: Policy,
    findings: Findings,
    is_canonical: bool = False,
    orders: Orders | None = None,
) -> None:
    """Adds what differs between two values. Raises Unreadable for what is too deep or too much to be compared.
    `is_canonical`: both are from documents that have canonical bytes. `orders`: of two objects, members in their order.
    """
    try:
        made = _Walk(legacy, candidate, policy, findings, is_canonical, orders)
        made.all(legacy, candidate, policy.root)
        findings.renamed = made.twins.are_bound
    except RecursionError:
        raise _too_deep() from None
    except Exhausted:
        raise Unreadable(f"more than {EFFORT} values in lists whose order doesn't count") from None


def _too_deep() -> Unreadable:
    return Unreadable(f"values are nested more than {MAX_DEPTH} levels deep on both sides")


class _Walk:
    """One walk over two values. `node` is where the policy's trie stands, `at` the place, for a path."""

    __slots__ = (
        "_around",
        "_arranger",
        "_findings",
        "_has_twins",
        "_later",
        "_orders",
        "_pairer",
        "_skips",
        "_turned",
        "twins",
    )

    def __init__(
        self,
        legacy: Json,
        candidate: Json,
        policy: Policy,
        findings: Findings,
        is_canonical: bool,
        orders: Orders | None,
    ) -> None:
        self._findings = findings
        self._around = Around(legacy, candidate)
        self._has_twins = policy.has_twins
        self._skips = is_canonical and not policy.has_twins and not policy.has_units  # equal values tell something too
        self._orders = orders
        self._turned = 0  # unexcused differences in the order of members, of which a list's keys know nothing
        self.twins = Twins()
        self._arranger: Arranger | None = None
        self._pairer: Pairer | None = None
        self._later: list[_Task] | None = [] if policy.has_twins else None

    def all(self, legacy: Json, candidate: Json, root: Node) -> None:
        """Lists that have to be paired come last if there are twins, those first whose elements can be told from each
        other: what is known by then helps. Where no such list tells, elements that are alike are paired in order.
        """
        self.value(None, legacy, candidate, root, 0)
        waiting, self._later = self._later or [], None
        if len(waiting) > 1:
            self._pairer = Pairer(self.twins, self._has_twins, self._trial)
            alike = self._pairer.alike
            waiting.sort(key=lambda task: alike(task[1], task[3]))
        for task in waiting:
            self._paired(*task)

    def value(self, at: Place, legacy: Json, candidate: Json, node: Node, depth: int) -> None:
        if node.ignore is not None:
            if not same(legacy, candidate):
                self._add(at, kind_of(legacy, candidate), legacy, candidate, node, node.ignore.name)
        elif type(legacy) is dict and type(candidate) is dict:
            if not self._skips or depth not in SKIPPED or canonical(legacy) != canonical(candidate):
                self._members(at, legacy, candidate, node, depth + 1)
            if self._orders is not None:
                self._in_order(at, legacy, candidate, node, self._orders)
        elif type(legacy) is list and type(candidate) is list:
            if not self._skips or depth not in SKIPPED or canonical(legacy) != canonical(candidate):
                self._elements(at, legacy, candidate, node, depth + 1)
        elif node.twin is not None and are_ids(legacy, candidate):
            self._ids(at, legacy, candidate, node, node.twin.name)
        elif not _identical(legacy, candidate) or (
            node.units and mean_otherwise(node.units, legacy, candidate, self._around)
        ):
            self._differ(at, legacy, candidate, node)
        elif type(legacy) is Repeated:
            self._findings.doubt = f"both repeat the key {written(at)}, and what a reader makes of that is not defined"

    def _members(self, at: Place, legacy: dict[str, Json], candidate: dict[str, Json], node: Node, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise _too_deep()
        names, other, find, looks = node.names, node.other, candidate.get, node.looks
        for name, ours in legacy.items():
            theirs = find(name, _ABSENT)
            unlike = _UNLIKE.get(type(ours))
            if unlike is not None and type(ours) is type(theirs) and not unlike(ours, theirs) and not looks:
                continue
            if theirs is _ABSENT:
                self._missing((at, name), ours, names.get(name, other))
            else:
                child = names.get(name, other)
                if child.rules:
                    self._around.legacy, self._around.candidate = legacy, candidate
                self.value((at, name), ours, theirs, child, depth)
            if self._findings.full:
                return
        if legacy.keys() != candidate.keys():
            self._all_added(at, legacy, candidate, node)

    def _all_added(self, at: Place, legacy: dict[str, Json], candidate: dict[str, Json], node: Node) -> None:
        for name, theirs in candidate.items():
            if name not in legacy:
                self._added((at, name), theirs, node.names.get(name, node.other))
                if self._findings.full:
                    return

    def _in_order(self, at: Place, legacy: Json, candidate: Json, node: Node, orders: Orders) -> None:
        one, other = orders(legacy, candidate)
        if one != other:
            self._turned += node.unordered is None
            self._add(at, Kind.ORDER, [*one], [*other], node, node.unordered.name if node.unordered else None)

    def _missing(self, at: Place, legacy: Json, node: Node) -> None:
        self._one_sided(at, Kind.MISSING, shown(legacy), None, node)

    def _added(self, at: Place, candidate: Json, node: Node) -> None:
        self._one_sided(at, Kind.ADDED, None, shown(candidate), node)

    def _one_sided(self, at: Place, kind: Kind, legacy: str | None, candidate: str | None, node: Node) -> None:
        rule = node.ignore.name if node.ignore else None
        severity = node.severity or severity_of(kind)
        self._findings.add(Difference(written(at), kind, legacy, candidate, rule, severity))

    def _elements(self, at: Place, legacy: list[Json], candidate: list[Json], node: Node, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise _too_deep()
        if node.unordered is not None:
            self._unordered(at, legacy, candidate, node, depth)
            return
        before, turned = self._findings.mark(), self._turned
        asked = False
        for index, (ours, theirs) in enumerate(zip(legacy, candidate, strict=False)):
            unlike = _UNLIKE.get(type(ours))
            if unlike is not None and type(ours) is type(theirs) and not unlike(ours, theirs) and not node.looks:
                continue
            child = node.indexes.get(index, node.other)
            if child.rules:
                self._around.legacy, self._around.candidate = legacy, candidate
            self.value((at, index), ours, theirs, child, depth)
            if not asked and self._findings.unexcused - self._turned > before.unexcused - turned:
                asked = True
                if self._only_rearranged(at, legacy, candidate, node, before):
                    self._turned = turned
                    return
            if self._findings.full:
                return
        if len(legacy) != len(candidate):
            self._add(at, Kind.LENGTH, len(legacy), len(candidate), node, None)

    def _only_rearranged(self, at: Place, legacy: list[Json], candidate: list[Json], node: Node, before: Mark) -> bool:
        """Puts one difference in the place of all since `before`, if one says it all."""
        self._arranger = self._arranger or Arranger(self.twins)
        kind = self._arranger.only(legacy, candidate, node)
        if kind is None or (kind is Kind.ORDER and self._arranger.moved == sorted(self._arranger.moved)):
            return False
        self._findings.back_to(before)
        if kind is Kind.ORDER:
            self._order(at, self._arranger.moved, node, None)
        else:
            self._add(at, Kind.LENGTH, len(legacy), len(candidate), node, None)
        return True

    def _order(self, at: Place, moved: list[int], node: Node, rule: str | None) -> None:
        """The places of the elements in the legacy's list, from the first that moved."""
        places = sorted(moved)
        first = next((index for index, place in enumerate(places) if place != moved[index]), 0)
        until = first + PLACES
        self._add(at, Kind.ORDER, [*places[first:until]], [*moved[first:until]], node, rule)

    def _unordered(self, at: Place, legacy: list[Json], candidate: list[Json], node: Node, depth: int) -> None:
        if self._later is not None:
            self._later.append((at, legacy, candidate, node, depth))
        else:
            self._paired(at, legacy, candidate, node, depth)

    def _paired(self, at: Place, legacy: list[Json], candidate: list[Json], node: Node, depth: int) -> None:
        same = identical(legacy, candidate) if self._skips and len(legacy) > MOVED else {}
        pairs = self._pairs(legacy, candidate, node, same)
        met = sorted((theirs, ours) for ours, theirs in pairs if ours is not None and theirs is not None)
        moved = [ours for _, ours in sorted([*met, *((theirs, ours) for ours, theirs in same.items())])]
        if moved != sorted(moved):
            self._order(at, moved, node, node.unordered.name if node.unordered else None)
        for ours, theirs in pairs:
            child = node.indexes.get(ours, node.other) if ours is not None else node.other
            if ours is None or theirs is None:
                self._alone(at, legacy, candidate, ours, theirs, child)
            else:
                self._around.legacy, self._around.candidate = legacy, candidate
                self.value((at, ours), legacy[ours], candidate[theirs], child, depth)
            if self._findings.full:
                return

    def _pairs(self, legacy: list[Json], candidate: list[Json], node: Node, same: dict[int, int]) -> list[Pair]:
        """The pairs of all elements but those that are known to be the same."""
        self._pairer = self._pairer or Pairer(self.twins, self._has_twins, self._trial)
        if not same:
            return self._pairer.pairs(legacy, candidate, node)
        taken = {*same.values()}
        ours = [place for place in range(len(legacy)) if place not in same]
        theirs = [place for place in range(len(candidate)) if place not in taken]
        found = self._pairer.pairs([legacy[place] for place in ours], [candidate[place] for place in theirs], node)
        return [(None if one is None else ours[one], None if other is None else theirs[other]) for one, other in found]

    def _alone(
        self, at: Place, legacy: list[Json], candidate: list[Json], ours: int | None, theirs: int | None, node: Node
    ) -> None:
        """An element without a partner counts, whatever stands in it."""
        severity = node.severity
        if ours is not None:
            found = Difference(written((at, ours)), Kind.MISSING, shown(legacy[ours]), None)
        else:
            assert theirs is not None
            found = Difference(written((at, theirs)), Kind.ADDED, None, shown(candidate[theirs]))
        self._findings.add(found if severity is None else replace(found, severity=severity))

    def _trial(self, legacy: Json, candidate: Json, node: Node) -> int:
        """How many unexcused differences two elements would have; nothing is kept of it."""
        kept, self._findings = self._findings, Findings()
        mark, turned = self.twins.mark(), self._turned
        try:
            self.value(None, legacy, candidate, node, 0)
            return self._findings.unexcused
        finally:
            self._findings, self._turned = kept, turned
            self.twins.back_to(mark)

    def _ids(self, at: Place, legacy: Json, candidate: Json, node: Node, rule: str) -> None:
        if not self.twins.meet(legacy, candidate):
            self._add(at, Kind.TWIN, legacy, candidate, node, None)
        elif legacy != candidate:
            self._add(at, Kind.VALUE, legacy, candidate, node, rule)

    def _differ(self, at: Place, legacy: Json, candidate: Json, node: Node) -> None:
        kind = kind_of(legacy, candidate)
        if kind is Kind.SPELLING and mean_otherwise(node.units, legacy, candidate, self._around):
            kind = Kind.VALUE
        if kind is Kind.SPELLING:
            self._add(at, kind, legacy, candidate, node, EQUAL_BY_VALUE)
            return
        rule = excuse(node.rules, legacy, candidate, self._around) if node.rules else None
        if rule is None and node.rules and is_rounding(node.rules, legacy, candidate, self._around):
            kind = Kind.ROUNDING
        self._add(at, kind, legacy, candidate, node, rule)

    def _add(self, at: Place, kind: Kind, legacy: Json, candidate: Json, node: Node, rule: str | None) -> None:
        severity = node.severity or severity_between(kind, legacy, candidate)
        self._findings.add(Difference(written(at), kind, *displayed(legacy, candidate), rule, severity))


def _identical(legacy: Json, candidate: Json) -> bool:
    if type(legacy) is not type(candidate):
        return False
    unlike = _UNLIKE.get(type(legacy))
    return same(legacy, candidate) if unlike is None else not unlike(legacy, candidate)
