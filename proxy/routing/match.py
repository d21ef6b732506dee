"""The compiled matcher: the route that wins one request, at a cost that does not grow with the number of routes.

Law of this file: precedence is decided once, when the matcher is built. Over all matches of all routes, the first that
holds wins, in this order (Gateway API, with templates and expressions put in):

1. `Exact`  2. `PathTemplate` with most literal segments  3. `RegularExpression`  4. the longest `PathPrefix`
then a match that names a method, most header matches, most query matches, and the place in the file.

Paths are matched in their canonical spelling (target.py). If a target can be read in several ways and these would win
different routes, no route is found: a route cannot be bypassed by spelling.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

import re2

from proxy.messages import Headers
from proxy.routing.route import PathKind, Route
from proxy.routing.rule import Rule, compile_rules, regex_options
from proxy.routing.target import is_plain, readings, split_target
from proxy.routing.trie import Trie

_SET_MEMORY = 64 * 1024 * 1024


class Matcher:
    """Rules by path: exact ones in a dict, templates and prefixes in tries, expressions in one RE2 set."""

    __slots__ = ("_exact", "_patterns", "_prefixes", "_regexes", "_templates", "rules")

    def __init__(self, routes: Iterable[Route]) -> None:
        self.rules = compile_rules(routes)
        self._exact: dict[bytes, tuple[Rule, ...]] = {}
        self._templates: Trie[Rule] = Trie()
        self._prefixes: Trie[Rule] = Trie()
        self._regexes = tuple(rule for rule in self.rules if rule.match.path.kind is PathKind.REGEX)
        for kind, rules in groupby(self.rules, key=lambda rule: rule.match.path.kind):
            self._index(kind, tuple(rules))
        self._patterns = _pattern_set(self._regexes)

    def _index(self, kind: PathKind, rules: tuple[Rule, ...]) -> None:
        match kind:
            case PathKind.EXACT:
                for rule in rules:
                    path = b"/" + b"/".join(segment or b"" for segment in rule.segments)
                    self._exact[path] = (*self._exact.get(path, ()), rule)
            case PathKind.TEMPLATE:
                for rule in rules:
                    self._templates.insert(rule.segments, rule)
            case PathKind.REGEX:
                pass  # one set holds them all
            case PathKind.PREFIX:
                for rule in rules:
                    self._prefixes.insert(rule.segments, rule)

    def find(self, method: bytes, target: bytes, headers: Headers) -> Rule | None:
        """The rule that wins a request, or None: none holds, or the target's readings would win different routes."""
        path, query = split_target(target)
        if is_plain(path):
            return self.first(path, method, headers, query)
        winners = [self.first(reading, method, headers, query) for reading in readings(path)]
        return winners[0] if len({_route_name(winner) for winner in winners}) == 1 else None

    def contenders(self, method: bytes, target: bytes, headers: Headers) -> tuple[str | None, ...]:
        """The names of the routes that the readings of a target would win, None for none; more than one: refused."""
        path, query = split_target(target)
        winners = (self.first(reading, method, headers, query) for reading in readings(path))
        return tuple(dict.fromkeys(map(_route_name, winners)))

    def first(self, path: bytes, method: bytes, headers: Headers, query: bytes) -> Rule | None:
        """The rule that wins one reading of a path."""
        for rules in self._by_precedence(path):
            for rule in rules:
                if rule.accepts(method, headers, query):
                    return rule
        return None

    def at(self, path: bytes) -> list[Rule]:
        """All rules whose path holds, the highest precedence first."""
        return [rule for rules in self._by_precedence(path) for rule in rules]

    def _by_precedence(self, path: bytes) -> Iterator[Iterable[Rule]]:
        yield self._exact.get(path, ())
        if self._templates:
            yield sorted(self._templates.at(path), key=lambda rule: rule.rank)
        if self._patterns is not None:
            yield [self._regexes[index] for index in sorted(self._patterns.Match(path) or ())]
        yield from self._prefixes.along(path)


def _route_name(rule: Rule | None) -> str | None:
    return rule.route.name if rule else None


def _pattern_set(rules: tuple[Rule, ...]) -> "re2.Set | None":
    if not rules:
        return None
    options = regex_options()
    options.max_mem = _SET_MEMORY
    patterns = re2.Set.FullMatchSet(options)
    for rule in rules:
        patterns.Add(rule.match.path.value)
    patterns.Compile()
    return patterns
