"""A policy: what is compared and what may differ, compiled once.

Law of this file: all thinking about paths is done here, before the first answer. The rules' paths become one trie over
path segments, made deterministic, so that a walk asks one dictionary a step, however many rules there are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from comparators.answers import CONTENT_ENCODING, CONTENT_TYPE, DATE, SET_COOKIE
from comparators.excuses import expression_of
from comparators.paths import PathError, Segment, parse_path
from comparators.rules import (
    DecimalRule,
    Excusing,
    IgnoreRule,
    MoneyRule,
    PatternRule,
    Rule,
    SeverityRule,
    TimestampRule,
    TwinRule,
    UnorderedRule,
)
from comparators.siblings import way

MAX_STATES = 4096
"""States of one policy. Ten ordinary rules make some twenty; only many `[*]` after a `..` make thousands."""

MAX_PATTERN = 1024
"""Characters of a Pattern's expression."""

_Positions: TypeAlias = frozenset[tuple[int, int]]  # (rule, how many of its segments are behind us)


class Node:
    """A node of the trie: the rules that select the value here, and where each step down leads. Fixed once compiled.

    `rules` are those that look at two values. Of the others the first counts: `ignore`, `unordered`, `twin`.
    `severity` is said by the rule with the longest path that selects this value or one above it. `units` are the rules
    by which equal values may differ. `looks` tells whether equal values right below are looked at: for twins and units.
    """

    __slots__ = ("ignore", "indexes", "looks", "names", "other", "rules", "severity", "twin", "units", "unordered")

    def __init__(self, rules: Sequence[Rule], severity: SeverityRule | None) -> None:
        self.rules: tuple[Excusing, ...] = tuple(rule for rule in rules if isinstance(rule, Excusing))
        self.ignore = next((rule for rule in rules if isinstance(rule, IgnoreRule)), None)
        self.unordered = next((rule for rule in rules if isinstance(rule, UnorderedRule)), None)
        self.twin = next((rule for rule in rules if isinstance(rule, TwinRule)), None)
        self.units = tuple(rule for rule in rules if isinstance(rule, MoneyRule) and rule.has_two_units)
        self.severity = severity.severity if severity else None
        self.names: dict[str, Node] = {}
        self.indexes: dict[int, Node] = {}
        self.other = self  # every name and index that no rule mentions here
        self.looks = False

    def children(self) -> Iterable["Node"]:
        return (self.other, *self.names.values(), *self.indexes.values())


@dataclass(frozen=True, slots=True)
class Policy:
    """What `compare` needs to know. Build it with `compile_policy`.

    `headers`: those that are compared, in lower case; `names`: these, and those that say how to read them and a body;
    `cookies`: those whose values count; `families`: of statuses that may stand for each other; `has_units`: whether the
    systems write some amount each in its own way, so that equal bodies may be two amounts.
    """

    content_types: frozenset[str]
    headers: tuple[bytes, ...]
    names: frozenset[bytes]
    rules: tuple[Rule, ...]
    root: Node = field(compare=False, repr=False)
    has_twins: bool = False
    has_units: bool = False
    cookies: frozenset[bytes] = frozenset()
    families: tuple[frozenset[int], ...] = ()


def compile_policy(
    *,
    content_types: Sequence[str] = ("application/json",),
    headers: Sequence[str] = ("content-type", "location"),
    rules: Sequence[Rule] = (),
    cookies: Sequence[str] = (),
    families: Sequence[Iterable[int]] = (),
) -> Policy:
    """A policy from its parts.

    `content_types`: media types read as JSON, besides all that end in +json. `headers`: names of the headers that are
    compared, in any case. `cookies`: of a compared Set-Cookie the names whose values are compared too. `families`:
    error statuses (400 to 599) of which one may stand for another. Raises PathError for a path that can't be read,
    ValueError for a tolerance below zero, an expression that can't be read, or a status that is no error.
    """
    for rule in rules:
        _check(rule)
    if any(not 400 <= status <= 599 for family in families for status in family):
        raise ValueError("a status in a family is not one of 400 to 599")
    compared = tuple(dict.fromkeys(header.strip().lower().encode("latin-1") for header in headers))
    return Policy(
        content_types=frozenset(content_type.strip().lower() for content_type in content_types),
        headers=compared,
        names=frozenset({*compared, CONTENT_TYPE, CONTENT_ENCODING, *([DATE] if SET_COOKIE in compared else [])}),
        rules=tuple(rules),
        root=_Compiler(rules).root,
        has_twins=any(isinstance(rule, TwinRule) for rule in rules),
        has_units=any(isinstance(rule, MoneyRule) and rule.has_two_units for rule in rules),
        cookies=frozenset(cookie.encode("latin-1", "replace") for cookie in cookies),
        families=tuple(frozenset(family) for family in families),
    )


def _check(rule: Rule) -> None:
    if isinstance(rule, TimestampRule):
        _check_tolerance(rule.name, Decimal(rule.tolerance))
    elif isinstance(rule, DecimalRule):
        for tolerance in (rule.tolerance, rule.relative, rule.minor_units):
            _check_tolerance(rule.name, tolerance)
        way(rule.currency)
    elif isinstance(rule, MoneyRule):
        for sibling in (rule.currency, rule.exponent):
            way(sibling or "")
    elif isinstance(rule, UnorderedRule) and rule.key is not None:
        if rule.key.startswith("$"):
            raise PathError(rule.key, 0, "a key is inside each element: a name, or a path that starts with @")
        way(rule.key)
    elif isinstance(rule, PatternRule):
        if len(rule.pattern) > MAX_PATTERN:
            raise ValueError(f"{rule.name}: the expression is longer than {MAX_PATTERN} characters")
        expression_of(rule.pattern)


def _check_tolerance(name: str, tolerance: Decimal) -> None:
    if tolerance.is_nan() or tolerance < 0:
        raise ValueError(f"{name}: tolerance {tolerance} is not zero or more")


class _Compiler:
    """Subset construction over the rules' segments. Names and indexes that no rule mentions share a branch."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._segments = [parse_path(rule.path) for rule in rules]
        self._nodes: dict[_Positions, Node] = {}
        self._waiting: list[_Positions] = []
        self.root = self._node(frozenset((rule, 0) for rule in range(len(rules))))
        while self._waiting:
            self._branch(self._waiting.pop())
        for node in self._nodes.values():
            node.looks = any(child.twin is not None or child.units for child in node.children())

    def _node(self, positions: _Positions) -> Node:
        if positions not in self._nodes:
            if len(self._nodes) == MAX_STATES:
                raise PathError(self._deepest().path, 0, "too many [*] and .. for one policy; say more names")
            self._nodes[positions] = self._made(positions)
            self._waiting.append(positions)
        return self._nodes[positions]

    def _made(self, positions: _Positions) -> Node:
        selecting = sorted(rule for rule, done in positions if done == len(self._segments[rule]))
        severities = [rule for rule in selecting if isinstance(self._rules[rule], SeverityRule)]
        longest = max(severities, key=lambda rule: len(self._segments[rule]), default=None)
        severity = None if longest is None else self._rules[longest]
        assert severity is None or isinstance(severity, SeverityRule)
        return Node([self._rules[rule] for rule in selecting], severity)

    def _branch(self, positions: _Positions) -> None:
        node = self._nodes[positions]
        mentioned = {segment.selector for segment in self._open(positions)}
        node.other = self._node(self._after(positions, None))
        node.names = {step: self._node(self._after(positions, step)) for step in mentioned if isinstance(step, str)}
        node.indexes = {step: self._node(self._after(positions, step)) for step in mentioned if isinstance(step, int)}

    def _open(self, positions: _Positions) -> Iterable[Segment]:
        return (self._segments[rule][done] for rule, done in positions if done < len(self._segments[rule]))

    def _after(self, positions: _Positions, step: str | int | None) -> _Positions:
        reached = set()
        for rule, done in positions:
            if done == len(self._segments[rule]):
                if isinstance(self._rules[rule], SeverityRule):  # it holds for all below
                    reached.add((rule, done))
                continue
            segment = self._segments[rule][done]
            if segment.deep:
                reached.add((rule, done))
            if segment.selector is None or segment.selector == step:
                reached.add((rule, done + 1))
        return frozenset(reached)

    def _deepest(self) -> Rule:
        return max(zip(self._rules, self._segments, strict=True), key=lambda pair: len(pair[1]))[0]
