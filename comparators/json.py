"""Two JSON values -> differences.

Law of this file: every value of both sides is looked at once, by exact type and value, and an equal value costs next
to nothing: no path is written and no object made before there is a difference. Lists are compared by index; one that
was only rearranged, or only lost or gained elements, gives a single difference at the list's own path.
"""

from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from operator import ne
from typing import Any, Final

from comparators.arrangement import Arranger, is_number, same
from comparators.codings import Unreadable
from comparators.differences import EQUAL_BY_VALUE, Difference, Findings, Kind, Mark
from comparators.display import displayed, shown
from comparators.document import BYTE_ORDER_MARK, Document, Json, NotJson, Repeated, parse
from comparators.excuses import excuse
from comparators.instants import zones_differ
from comparators.paths import Place, written
from comparators.policy import Node

PLACES = 20
"""Elements of a list in another order whose places are shown."""

MAX_DEPTH = 200
"""Levels of nesting that are compared."""


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


def compare_json(legacy: bytes, candidate: bytes, root: Node, findings: Findings) -> bool:
    """Adds the differences of two JSON texts; False, and nothing added, if neither is JSON.

    A byte order mark before both is overlooked (RFC 8259, section 8.1); before one it is a `syntax` difference.
    Raises Unreadable, naming the side, for JSON that can't be held or is nested too deeply.
    """
    if legacy.startswith(BYTE_ORDER_MARK) and candidate.startswith(BYTE_ORDER_MARK):
        legacy, candidate = legacy[len(BYTE_ORDER_MARK) :], candidate[len(BYTE_ORDER_MARK) :]
    ours, theirs = _parsed("legacy", legacy), _parsed("candidate", candidate)
    if isinstance(ours, NotJson) and isinstance(theirs, NotJson):
        return False
    if isinstance(ours, NotJson) or isinstance(theirs, NotJson):
        findings.add(Difference("body", Kind.SYNTAX, _what(ours), _what(theirs)))
    elif ours.canonical is None or ours.canonical != theirs.canonical:
        _walk(ours.value, theirs.value, root, findings)
    return True


def _walk(legacy: Json, candidate: Json, root: Node, findings: Findings) -> None:
    try:
        _Walk(findings).value(None, legacy, candidate, root, 0)
    except RecursionError:
        raise _too_deep() from None


def _parsed(side: str, body: bytes) -> Document | NotJson:
    try:
        return parse(body)
    except NotJson as refused:
        return refused
    except Unreadable as unreadable:
        raise Unreadable(f"{side}: {unreadable}") from None


def _what(parsed: Document | NotJson) -> str:
    return f"not JSON: {parsed}" if isinstance(parsed, NotJson) else shown(parsed.value)


def _too_deep() -> Unreadable:
    return Unreadable(f"JSON is nested more than {MAX_DEPTH} levels deep on both sides")


class _Walk:
    """One walk over two values, side by side. `node` is where the policy's trie stands, `at` the place, for a path."""

    __slots__ = ("_arranger", "_findings")

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._arranger = Arranger()

    def value(self, at: Place, legacy: Json, candidate: Json, node: Node, depth: int) -> None:
        if node.ignore is not None:
            if not same(legacy, candidate):
                self._add(at, kind_of(legacy, candidate), legacy, candidate, node.ignore.name)
        elif type(legacy) is dict and type(candidate) is dict:
            self._members(at, legacy, candidate, node, depth + 1)
        elif type(legacy) is list and type(candidate) is list:
            self._elements(at, legacy, candidate, node, depth + 1)
        elif not _identical(legacy, candidate):
            self._differ(at, legacy, candidate, node)

    def _members(self, at: Place, legacy: dict[str, Json], candidate: dict[str, Json], node: Node, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise _too_deep()
        names, other = node.names, node.other
        for name, ours in legacy.items():
            theirs = candidate.get(name, _ABSENT)
            unlike = _UNLIKE.get(type(ours))
            if unlike is not None and type(ours) is type(theirs) and not unlike(ours, theirs):
                continue
            if theirs is _ABSENT:
                self._missing((at, name), ours, names.get(name, other))
            else:
                self.value((at, name), ours, theirs, names.get(name, other), depth)
            if self._findings.full:
                return
        if legacy.keys() != candidate.keys():
            self._added(at, legacy, candidate, node)

    def _added(self, at: Place, legacy: dict[str, Json], candidate: dict[str, Json], node: Node) -> None:
        for name, theirs in candidate.items():
            if name not in legacy:
                ignore = node.names.get(name, node.other).ignore
                rule = ignore.name if ignore else None
                self._findings.add(Difference(written((at, name)), Kind.ADDED, None, shown(theirs), rule))
                if self._findings.full:
                    return

    def _missing(self, at: Place, legacy: Json, node: Node) -> None:
        rule = node.ignore.name if node.ignore else None
        self._findings.add(Difference(written(at), Kind.MISSING, shown(legacy), None, rule))

    def _elements(self, at: Place, legacy: list[Json], candidate: list[Json], node: Node, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise _too_deep()
        before = self._findings.mark()
        asked = False
        for index, (ours, theirs) in enumerate(zip(legacy, candidate, strict=False)):
            unlike = _UNLIKE.get(type(ours))
            if unlike is not None and type(ours) is type(theirs) and not unlike(ours, theirs):
                continue
            self.value((at, index), ours, theirs, node.indexes.get(index, node.other), depth)
            if not asked and self._findings.unexcused > before.unexcused:
                asked = True
                if self._only_rearranged(at, legacy, candidate, node, before):
                    return
            if self._findings.full:
                return
        if len(legacy) != len(candidate):
            self._length(at, legacy, candidate)

    def _only_rearranged(self, at: Place, legacy: list[Json], candidate: list[Json], node: Node, before: Mark) -> bool:
        """Puts one difference in the place of all since `before`, if one says it all."""
        kind = self._arranger.only(legacy, candidate, node)
        if kind is None:
            return False
        self._findings.back_to(before)
        if kind is Kind.ORDER:
            self._order(at, self._arranger.moved)
        else:
            self._length(at, legacy, candidate)
        return True

    def _order(self, at: Place, moved: list[int]) -> None:
        """The places of the elements in the legacy's list, from the first that moved."""
        first = next((place for place, origin in enumerate(moved) if place != origin), 0)
        until = min(len(moved), first + PLACES)
        self._add(at, Kind.ORDER, [*range(first, until)], [*moved[first:until]], None)

    def _length(self, at: Place, legacy: list[Json], candidate: list[Json]) -> None:
        self._add(at, Kind.LENGTH, len(legacy), len(candidate), None)

    def _differ(self, at: Place, legacy: Json, candidate: Json, node: Node) -> None:
        kind = kind_of(legacy, candidate)
        rule = EQUAL_BY_VALUE if kind is Kind.SPELLING else excuse(node.rules, legacy, candidate)
        self._add(at, kind, legacy, candidate, rule)

    def _add(self, at: Place, kind: Kind, legacy: Json, candidate: Json, rule: str | None) -> None:
        self._findings.add(Difference(written(at), kind, *displayed(legacy, candidate), rule))


def _identical(legacy: Json, candidate: Json) -> bool:
    if type(legacy) is not type(candidate):
        return False
    unlike = _UNLIKE.get(type(legacy))
    return same(legacy, candidate) if unlike is None else not unlike(legacy, candidate)


def kind_of(legacy: Json, candidate: Json) -> Kind:
    """How two values differ that are not identical, and are not both objects or both lists."""
    if isinstance(legacy, Repeated) or isinstance(candidate, Repeated):
        return Kind.DUPLICATE
    if is_number(legacy) and is_number(candidate):
        return Kind.SPELLING if legacy == candidate else Kind.VALUE
    if type(legacy) is not type(candidate):
        return Kind.TYPE
    if isinstance(legacy, str) and isinstance(candidate, str) and zones_differ(legacy, candidate):
        return Kind.TIMEZONE
    return Kind.VALUE
