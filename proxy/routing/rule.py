"""One match of one route, compiled: what it asks of a request, and its rank among all the others.

Law of this file: whatever is wrong with a match is found here, when it is compiled, never while a request waits.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from proxy.routing.asked import Asked
from proxy.routing.condition import Condition, compile_conditions
from proxy.routing.expression import MatchError, compile_regex
from proxy.routing.route import Match, PathKind, PathMatch, Route
from proxy.routing.target import canonical, readings

_PLACES = {kind: place for place, kind in enumerate(PathKind)}
_NAMED_SEGMENT = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")
_LONGEST_NAME = 255
_KNOWN = 10_000
"""Paths that are remembered: a table that comes later has most of them again."""


@lru_cache(_KNOWN)
def compile_path(path: PathMatch) -> tuple[bytes | None, ...]:
    """Check a path and cut it into canonical segments, None for a named one; an expression has none.

    Raises MatchError.
    """
    if path.kind is PathKind.REGEX:
        compile_regex(path.value)
        return ()
    if not path.value.startswith("/"):
        raise MatchError("a path starts with /")
    value = path.value.rstrip("/") if path.kind is PathKind.PREFIX else path.value
    segments = tuple(_segment(text, path.kind) for text in value.split("/")[1:])
    _refuse_ambiguity(path)
    _refuse_repeats(path)
    return segments


def _segment(text: str, kind: PathKind) -> bytes | None:
    if kind is PathKind.TEMPLATE and _NAMED_SEGMENT.fullmatch(text):
        return None
    if "{" in text or "}" in text:
        raise MatchError(
            f"in {kind} a brace must be written %7B or %7D"
            if kind is not PathKind.TEMPLATE
            else "a {name} of letters, digits and _ must be a whole segment"
        )
    if "?" in text or "#" in text:
        raise MatchError("a path has no ? or #; match a query with `query`")
    return canonical(text.encode())


def _refuse_ambiguity(path: PathMatch) -> None:
    if len(readings(_NAMED_SEGMENT.sub("x", path.value).encode())) != 1:
        raise MatchError("servers read this path in several ways (//, /./, /../, ;, \\ or %2F): spell it plainly")


def _refuse_repeats(path: PathMatch) -> None:
    names = _NAMED_SEGMENT.findall(path.value)
    if len(set(names)) != len(names):
        raise MatchError("a {name} stands twice in the template")


@dataclass(frozen=True, slots=True)
class Rule:
    """One match of one route, compiled.

    `index` is its place in the route; `rank` orders all rules, the winner first.
    """

    route: Route
    index: int
    match: Match
    rank: tuple[int, ...]
    segments: tuple[bytes | None, ...]
    methods: frozenset[bytes]
    conditions: tuple[Condition, ...]

    def accepts(self, method: bytes, asked: Asked) -> bool:
        """Whether all but the path hold."""
        if self.methods and method not in self.methods:
            return False
        for condition in self.conditions:  # noqa: SIM110  # asked of each request, and all() costs more
            if not condition.holds(asked):
                return False
        return True

    def failed(self, asked: Asked) -> list[str]:
        """The conditions that do not hold, in words."""
        return [condition.words for condition in self.conditions if not condition.holds(asked)]


def compile_rules(routes: Iterable[Route]) -> tuple[Rule, ...]:
    """Compile every match of every route, the highest precedence first. Raises MatchError."""
    pairs = ((route, index, match) for route in routes for index, match in enumerate(route.matches))
    rules = (_compile(route, index, match, place) for place, (route, index, match) in enumerate(pairs))
    return tuple(sorted(rules, key=lambda rule: rule.rank))


def _compile(route: Route, index: int, match: Match, place: int) -> Rule:
    segments = compile_path(match.path)
    return Rule(
        route=route,
        index=index,
        match=match,
        rank=(
            _PLACES[match.path.kind],
            -_specificity(match.path.kind, segments),
            0 if match.methods else 1,
            -len(match.headers),
            -len(match.query),
            -_others(match),
            _vagueness(match.hosts),
            place,
        ),
        segments=segments,
        methods=match.methods,
        conditions=compile_conditions(match),
    )


def _specificity(kind: PathKind, segments: tuple[bytes | None, ...]) -> int:
    match kind:
        case PathKind.EXACT | PathKind.REGEX:
            return 0
        case PathKind.TEMPLATE:
            return sum(segment is not None for segment in segments)
        case PathKind.PREFIX:
            return sum(1 + len(segment) for segment in segments if segment is not None)


def _others(match: Match) -> int:
    """How many matches it has besides those of headers and query."""
    once = (bool(match.hosts), match.during is not None, match.body is not None)
    return sum(once) + len(match.cookies) + len(match.claims)


def _vagueness(hosts: tuple[str, ...]) -> int:
    """0 for whole names; else the more, the shorter the shortest name behind a `*.`."""
    return max((_LONGEST_NAME - len(host) for host in hosts if host.startswith("*.")), default=0)
