"""A policy: what is compared and what may differ, compiled once.

Law of this file: all thinking about paths is done here, before the first answer. The rules' paths become one trie over
path segments, made deterministic, so that a walk asks one dictionary a step, however many rules there are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from comparators.answers import CONTENT_ENCODING, CONTENT_TYPE
from comparators.paths import PathError, Segment, parse_path
from comparators.rules import IgnoreRule, Rule

MAX_STATES = 4096
"""States of one policy. Ten ordinary rules make some twenty; only many `[*]` after a `..` make thousands."""

_Positions: TypeAlias = frozenset[tuple[int, int]]  # (rule, how many of its segments are behind us)


class Node:
    """A node of the trie: the rules that select the value here, and where each step down leads. Fixed once compiled."""

    __slots__ = ("ignore", "indexes", "names", "other", "rules")

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules
        self.ignore = next((rule for rule in rules if isinstance(rule, IgnoreRule)), None)
        self.names: dict[str, Node] = {}
        self.indexes: dict[int, Node] = {}
        self.other = self  # every name and index that no rule mentions here


@dataclass(frozen=True, slots=True)
class Policy:
    """What `compare` needs to know. Build it with `compile_policy`.

    `headers`: those that are compared, in lower case; `names`: these, and those that say how to read a body.
    """

    content_types: frozenset[str]
    headers: tuple[bytes, ...]
    names: frozenset[bytes]
    rules: tuple[Rule, ...]
    root: Node = field(compare=False, repr=False)


def compile_policy(
    *,
    content_types: Sequence[str] = ("application/json",),
    headers: Sequence[str] = ("content-type", "location"),
    rules: Sequence[Rule] = (),
) -> Policy:
    """A policy from its parts.

    `content_types`: media types read as JSON, besides all that end in +json. `headers`: names of the headers that are
    compared, in any case. Raises PathError for a path that can't be read, ValueError for a tolerance below zero.
    """
    for rule in rules:
        if not isinstance(rule, IgnoreRule):
            _check_tolerance(rule.name, Decimal(rule.tolerance))
    compared = tuple(dict.fromkeys(header.strip().lower().encode("latin-1") for header in headers))
    return Policy(
        content_types=frozenset(content_type.strip().lower() for content_type in content_types),
        headers=compared,
        names=frozenset({*compared, CONTENT_TYPE, CONTENT_ENCODING}),
        rules=tuple(rules),
        root=_Compiler(rules).root,
    )


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

    def _node(self, positions: _Positions) -> Node:
        if positions not in self._nodes:
            if len(self._nodes) == MAX_STATES:
                raise PathError(self._deepest().path, 0, "too many [*] and .. for one policy; say more names")
            selecting = sorted(rule for rule, done in positions if done == len(self._segments[rule]))
            self._nodes[positions] = Node(tuple(self._rules[rule] for rule in selecting))
            self._waiting.append(positions)
        return self._nodes[positions]

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
                continue
            segment = self._segments[rule][done]
            if segment.deep:
                reached.add((rule, done))
            if segment.selector is None or segment.selector == step:
                reached.add((rule, done + 1))
        return frozenset(reached)

    def _deepest(self) -> Rule:
        return max(zip(self._rules, self._segments, strict=True), key=lambda pair: len(pair[1]))[0]
