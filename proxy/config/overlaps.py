"""Matches that can never win, and matches of two routes that can both hold with nothing but their order to decide.

Law of this file: what is said is so; what would take too long to find, or cannot be told (two different expressions or
times), is not said. At most 200,000 pairs are looked at and 100 warnings given.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, groupby, islice
from typing import Final, TypeAlias

from proxy.config.errors import Severity
from proxy.config.problems import Problem
from proxy.config.yaml_reader import Path
from proxy.routing.expression import compile_regex
from proxy.routing.route import Match, PathKind, PathMatch, ValueKind, ValueMatch
from proxy.routing.rule import Rule
from proxy.routing.shelf import most_asked, wanted
from proxy.routing.table import RouteTable

_PAIRS: Final = 200_000
_WARNINGS: Final = 100
_Pair: TypeAlias = tuple[Rule, Rule]


def warnings(table: RouteTable) -> Iterator[Problem]:
    """All of them, by precedence."""
    places = {route.name: place for place, route in enumerate(table.routes)}
    yield from islice(_warnings(table, places), _WARNINGS)


def _warnings(table: RouteTable, places: dict[str, int]) -> Iterator[Problem]:
    hopeless = {id(loser): winner for winner, loser in _covering(table.matcher.rules)}
    for rule in table.matcher.rules:
        winner = hopeless.get(id(rule))
        if winner is not None:
            message = f"can never win: {_named(winner, places)} comes first and takes all that it takes"
            yield Problem(_path(rule, places), message, Severity.WARNING)
    for first, second in islice(_equals(table.matcher.rules), _PAIRS):
        apart = first.route is second.route or id(first) in hopeless or id(second) in hopeless
        if not apart and not _exclusive(first, second):
            message = f"overlaps with {_named(first, places)}: where both hold, only their order in the file decides"
            yield Problem(_path(second, places), message, Severity.WARNING)


def _path(rule: Rule, places: dict[str, int]) -> Path:
    return ("spec", "routes", places[rule.route.name], "matches", rule.index)


def _named(rule: Rule, places: dict[str, int]) -> str:
    return f"routes[{places[rule.route.name]}].matches[{rule.index}] ({rule.route.name})"


def _covering(rules: Sequence[Rule]) -> Iterator[_Pair]:
    """A rule that holds wherever a later one holds. Since more conditions come first, both must have the same ones."""
    seen: dict[object, list[Rule]] = {}
    for rule in rules:
        hosts = rule.match.hosts or ("",)
        known = [seen.setdefault((_place(rule), _besides(rule.match), host), []) for host in hosts]
        first = next((other for other in known[0][:_WARNINGS] if _covers(other, rule)), None)
        if first is not None:
            yield first, rule
        for others in known:
            others.append(rule)


def _besides(match: Match) -> Match:
    """A match without its path, methods and hosts; what it asks for in one order."""
    return replace(
        match,
        path=PathMatch(),
        methods=frozenset(),
        hosts=(),
        headers=_sorted(match.headers, folded=True),
        query=_sorted(match.query),
        cookies=_sorted(match.cookies),
        claims=_sorted(match.claims),
    )


def _sorted(values: tuple[ValueMatch, ...], *, folded: bool = False) -> tuple[ValueMatch, ...]:
    named = (replace(value, name=value.name.lower()) if folded else value for value in values)
    return tuple(sorted(named, key=lambda value: (value.name, value.kind, value.value)))


def _covers(first: Rule, second: Rule) -> bool:
    methods = not first.methods or (bool(second.methods) and second.methods <= first.methods)
    return methods and set(first.match.hosts) >= set(second.match.hosts)


def _place(rule: Rule) -> tuple[object, ...]:
    path = rule.match.path
    return (path.kind, path.value if path.kind is PathKind.REGEX else rule.segments)


def _equals(rules: Sequence[Rule]) -> Iterator[_Pair]:
    """Pairs of one rank, by all but their place in the file, whose paths can both hold."""
    for _, ranked in groupby(rules, key=lambda rule: rule.rank[:-1]):
        alike = list(ranked)
        by_place: dict[object, list[Rule]] = {}
        for rule in alike:
            by_place.setdefault(_place(rule), []).append(rule)
        for found in by_place.values():
            yield from _by_value(found)
        if alike[0].match.path.kind is PathKind.TEMPLATE:
            yield from _crossing(list(by_place.values()))


def _by_value(rules: Sequence[Rule]) -> Iterator[_Pair]:
    """Pairs of one path; those that want different values of the same thing are never looked at."""
    thing = most_asked(rules)
    if thing is None or len(rules) < 3:
        yield from combinations(rules, 2)
        return
    seen: dict[bytes, list[Rule]] = {}
    rest: list[Rule] = []
    for place, rule in enumerate(rules):
        values = wanted(rule, thing)
        others = {id(other): other for value in values for other in seen.get(value, ())}.values()
        yield from ((other, rule) for other in ([*rest, *others] if values else rules[:place]))
        for value in values:
            seen.setdefault(value, []).append(rule)
        if not values:
            rest.append(rule)


def _crossing(places: list[list[Rule]]) -> Iterator[_Pair]:
    """Pairs of different templates that take one path, like /a/{x} and /{x}/b, found by the segments that both spell
    out.
    """
    masks: dict[tuple[bool, ...], list[list[Rule]]] = {}
    for place in places:
        masks.setdefault(tuple(segment is None for segment in place[0].segments), []).append(place)
    for (one, ours), (other, theirs) in combinations(masks.items(), 2):
        if len(one) == len(other):
            both = [at for at in range(len(one)) if not one[at] and not other[at]]
            index: dict[tuple[bytes | None, ...], list[Rule]] = {}
            for place in ours:
                index.setdefault(tuple(place[0].segments[at] for at in both), []).extend(place)
            for place in theirs:
                for rule in index.get(tuple(place[0].segments[at] for at in both), ()):
                    yield from ((rule, second) for second in place)


def _exclusive(first: Rule, second: Rule) -> bool:
    """Whether no request can fulfil both."""
    if first.methods and second.methods and not first.methods & second.methods:
        return True
    one, other = first.match, second.match
    pairs = ((one.headers, other.headers), (one.query, other.query), (one.cookies, other.cookies))
    if any(_contrary(ours, theirs) for ours, theirs in (*pairs, (one.claims, other.claims))):
        return True
    if (
        one.body
        and other.body
        and one.body.path == other.body.path
        and not set(one.body.values) & set(other.body.values)
    ):
        return True
    if one.during and other.during and one.during != other.during:
        return True
    return bool(one.hosts and other.hosts) and not any(
        _meet(ours, theirs) for ours in one.hosts for theirs in other.hosts
    )


def _meet(one: str, other: str) -> bool:
    """Whether a host can be both; a wildcard is `*.` and a name."""
    if one[:2] != "*." and other[:2] != "*.":
        return one == other
    short, long = sorted((one, other), key=lambda host: (host[:2] != "*.", len(host)))
    return long.removeprefix("*").endswith(short[1:])


def _contrary(ours: Sequence[ValueMatch], theirs: Sequence[ValueMatch]) -> bool:
    return any(mine.name.lower() == yours.name.lower() and _differ(mine, yours) for mine in ours for yours in theirs)


def _differ(one: ValueMatch, other: ValueMatch) -> bool:
    """Whether no value fulfils both, or that cannot be told."""
    kinds = {one.kind, other.kind}
    if ValueKind.ABSENT in kinds:
        return len(kinds) > 1
    if kinds == {ValueKind.EXACT, ValueKind.REGEX}:
        exact, regex = (one, other) if one.kind is ValueKind.EXACT else (other, one)
        return compile_regex(regex.value).fullmatch(exact.value) is None
    return len(kinds) == 1 and one.value != other.value
