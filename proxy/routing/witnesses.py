"""Requests that two tables give to different routes, found by trying examples made from the matches of both.

Law of this file: what is found is sure, since the tables' own matchers decide; what is not found is not. The path of an
example comes from no expression; values that an expression matches, claims, bodies and times of day are not tried. An
example never shows a value, which may have come from a variable.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from proxy.messages import Headers
from proxy.routing.route import Match, PathKind, PathMatch, Route, ValueKind, ValueMatch
from proxy.routing.table import RouteTable

_NAMED_SEGMENT = re.compile(r"\{[^}/]*\}")
_ANY_METHOD = (b"GET", b"POST")
_SEGMENT = "x1"


@dataclass(frozen=True, slots=True)
class Example:
    """A request as a client could send it."""

    method: bytes
    target: bytes
    headers: Headers = ()

    def __str__(self) -> str:
        target, _, query = self.target.decode().partition("?")
        names = [name.decode() for name, _ in self.headers] + (["a query"] if query else [])
        return f"{self.method.decode()} {target}" + (f" with {' and '.join(names)}" if names else "")


@dataclass(frozen=True, slots=True)
class Rerouted:
    """An example that went to one route and now goes to another, or to none."""

    example: Example
    before: str
    after: str | None


def rerouted(old: RouteTable, new: RouteTable) -> tuple[Rerouted, ...]:
    """One example for each pair of routes between which requests change, in the order of the old table."""
    if _matching(old.routes) == _matching(new.routes):
        return ()
    found: dict[tuple[str, str | None], Rerouted] = {}
    for example in dict.fromkeys(examples((*old.routes, *new.routes))):
        before, after = _winner(old, example), _winner(new, example)
        if before is not None and before != after:
            found.setdefault((before, after), Rerouted(example, before, after))
    places = {route.name: place for place, route in enumerate(old.routes)}
    return tuple(sorted(found.values(), key=lambda each: places[each.before]))


def examples(routes: Iterable[Route]) -> Iterator[Example]:
    """Requests that are made to fit each match of these routes."""
    for route in routes:
        for match in route.matches:
            yield from _fitting(match)


def _matching(routes: tuple[Route, ...]) -> tuple[tuple[str, tuple[Match, ...]], ...]:
    return tuple((route.name, route.matches) for route in routes)


def _winner(table: RouteTable, example: Example) -> str | None:
    route = table.find(example.method, example.target, example.headers)
    return route.name if route else None


def _fitting(match: Match) -> Iterator[Example]:
    headers = tuple(_headers(match))
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in _given(match.query))
    for path in _paths(match.path):
        target = f"{path}?{query}" if query else path
        for method in sorted(match.methods) or _ANY_METHOD:
            yield Example(method, target.encode(), headers)


def _headers(match: Match) -> Iterator[tuple[bytes, bytes]]:
    if match.hosts:
        yield b"Host", match.hosts[0].replace("*", _SEGMENT, 1).encode()
    for name, value in _given(match.headers):
        yield name.encode(), value.encode()
    if cookies := "; ".join(f"{name}={value}" for name, value in _given(match.cookies)):
        yield b"Cookie", cookies.encode()


def _given(values: Iterable[ValueMatch]) -> Iterator[tuple[str, str]]:
    """Names and values that fit, where a value can be made up."""
    for each in values:
        if each.kind is ValueKind.EXACT:
            yield each.name, each.value
        elif each.kind is ValueKind.PRESENT:
            yield each.name, _SEGMENT


def _paths(path: PathMatch) -> tuple[str, ...]:
    match path.kind:
        case PathKind.EXACT:
            return (path.value,)
        case PathKind.TEMPLATE:
            return (_NAMED_SEGMENT.sub(_SEGMENT, path.value),)
        case PathKind.PREFIX:
            prefix = path.value.rstrip("/")
            return (prefix or "/", f"{prefix}/{_SEGMENT}")
        case PathKind.REGEX:
            return ()
