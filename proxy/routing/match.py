"""The compiled matcher: the route that wins one request, at a cost that does not grow with the number of routes.

Law of this file: precedence is decided once, when the matcher is built. Over all matches of all routes, the first that
holds wins, in this order (Gateway API, with templates and expressions put in):

1. `Exact`  2. `PathTemplate` with most literal segments  3. `RegularExpression`  4. the longest `PathPrefix`
then a match that names a method, most header matches, most query matches, most other matches (host, cookies, claims,
time, body), whole hosts before `*.` and longer ones before shorter, and the place in the file.

Paths are matched in their canonical spelling (target.py). If a target can be read in several ways and these would win
different routes, no route is found: a route cannot be bypassed by spelling.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from proxy.messages import Headers
from proxy.routing.asked import Asked
from proxy.routing.expression import pattern_set
from proxy.routing.route import PathKind, Route
from proxy.routing.rule import Rule, compile_rules
from proxy.routing.shelf import Shelf, by_rank
from proxy.routing.target import is_plain, readings, split_target
from proxy.routing.trie import Trie

_NOTHING: Final = Asked(b"/", ())
"""Stands for a request where no rule asks for more than method and path."""


class Matcher:
    """Rules by path: exact ones in a dict, templates and prefixes in tries, expressions in one RE2 set.

    `timed`, `reads_bodies`: whether any rule asks what time it is, or for a field of the body.
    """

    __slots__ = (
        "_conditional",
        "_exact",
        "_patterns",
        "_prefixes",
        "_regexes",
        "_templates",
        "reads_bodies",
        "rules",
        "timed",
    )

    def __init__(self, routes: Iterable[Route]) -> None:
        self.rules = compile_rules(routes)
        self._exact: dict[bytes, Shelf] = {}
        self._templates: Trie[Shelf] = Trie()
        self._prefixes: Trie[Shelf] = Trie()
        self._regexes = tuple(rule for rule in self.rules if rule.match.path.kind is PathKind.REGEX)
        for kind, rules in groupby(self.rules, key=lambda rule: rule.match.path.kind):
            self._index(kind, rules)
        self._patterns = pattern_set(rule.match.path.value for rule in self._regexes) if self._regexes else None
        self._conditional = any(rule.conditions for rule in self.rules)
        self.timed = any(rule.match.during is not None for rule in self.rules)
        self.reads_bodies = any(rule.match.body is not None for rule in self.rules)

    def _index(self, kind: PathKind, rules: Iterable[Rule]) -> None:
        if kind is PathKind.REGEX:
            return  # one set holds them all
        places: dict[tuple[bytes | None, ...], list[Rule]] = {}
        for rule in rules:
            places.setdefault(rule.segments, []).append(rule)
        for segments, found in places.items():
            shelf = Shelf(found)
            if kind is PathKind.EXACT:
                self._exact[b"/" + b"/".join(segment or b"" for segment in segments)] = shelf
            elif kind is PathKind.TEMPLATE:
                self._templates.insert(segments, shelf)
            else:
                self._prefixes.insert(segments, shelf)

    def find(
        self, method: bytes, target: bytes, headers: Headers, now: float = 0.0, body: bytes | None = None
    ) -> Rule | None:
        """The rule that wins a request, or None: none holds, or the target's readings would win different routes.

        `now`: Unix seconds; `body`: None if it is not known.
        """
        asked = Asked(target, headers, now=now, body=body) if self._conditional else _NOTHING
        return self._winner(method, target, asked)

    def _winner(self, method: bytes, target: bytes, asked: Asked) -> Rule | None:
        path = split_target(target)[0]
        if is_plain(path):
            return self.first(path, method, asked)
        winners = [self.first(reading, method, asked) for reading in readings(path)]
        return winners[0] if len({_route_name(winner) for winner in winners}) == 1 else None

    def undecided(self, method: bytes, target: bytes, headers: Headers, now: float = 0.0) -> bool:
        """Whether the winner cannot be told without the body."""
        if not self.reads_bodies:
            return False
        asked = Asked(target, headers, now=now, awaited=True)
        winners = [self.first(reading, method, asked) for reading in readings(split_target(target)[0])]
        return any(winner is not None and winner.match.body is not None for winner in winners)

    def contenders(
        self, method: bytes, target: bytes, headers: Headers, now: float = 0.0, body: bytes | None = None
    ) -> tuple[str | None, ...]:
        """The names of the routes that the readings of a target would win, None for none; more than one: refused."""
        asked = Asked(target, headers, now=now, body=body)
        winners = (self.first(reading, method, asked) for reading in readings(split_target(target)[0]))
        return tuple(dict.fromkeys(map(_route_name, winners)))

    def first(self, path: bytes, method: bytes, asked: Asked) -> Rule | None:
        """The rule that wins one reading of a path."""
        for rules in self._by_precedence(path, asked):
            for rule in rules:
                if rule.accepts(method, asked):
                    return rule
        return None

    def at(self, path: bytes) -> list[Rule]:
        """All rules whose path holds, the highest precedence first."""
        return [rule for rules in self._by_precedence(path, None) for rule in rules]

    def _by_precedence(self, path: bytes, asked: Asked | None) -> Iterator[Sequence[Rule]]:
        """The rules whose path holds; with `asked` those of them that could hold."""
        exact = self._exact.get(path)
        if exact is not None:
            yield _on(exact, asked)
        if self._templates:
            yield _merged(self._templates.at(path), asked)
        if self._patterns is not None:
            yield [self._regexes[index] for index in sorted(self._patterns.Match(path) or ())]
        for shelves in self._prefixes.along(path):
            for shelf in shelves:
                yield _on(shelf, asked)


def _on(shelf: Shelf, asked: Asked | None) -> Sequence[Rule]:
    return shelf.rules if asked is None else shelf.likely(asked)


def _merged(shelves: list[Shelf], asked: Asked | None) -> Sequence[Rule]:
    if len(shelves) == 1:
        return _on(shelves[0], asked)
    return sorted((rule for shelf in shelves for rule in _on(shelf, asked)), key=by_rank)


def _route_name(rule: Rule | None) -> str | None:
    return rule.route.name if rule else None
