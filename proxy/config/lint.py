"""What is not wrong with a table, but probably not meant: warnings.

Law of this file: a warning never keeps a table from being loaded.
"""

from collections.abc import Iterator

from proxy.config import overlaps
from proxy.config.errors import Severity
from proxy.config.problems import Problem
from proxy.config.schema import RouteTableSpec
from proxy.config.schema_routes import CanarySpec
from proxy.config.yaml_reader import Path
from proxy.messages import CANDIDATE_ANSWERS, Stage
from proxy.routing.rule import Rule
from proxy.routing.table import PathKind, RouteTable
from proxy.routing.target import canonical

_EVERYTHING = ("/.*", ".*", "(?s).*")


def warnings(table: RouteTable, document: RouteTableSpec) -> Iterator[Problem]:
    """All warnings about a table and the document that it was made of."""
    places = {route.name: place for place, route in enumerate(table.routes)}
    for rule in table.matcher.rules:
        if rule.match.path.kind is PathKind.EXACT and rule.match.path.value != "/":
            path: Path = ("spec", "routes", places[rule.route.name], "matches", rule.index, "path", "value")
            yield from _trailing_slash(table, rule, path)
    yield from overlaps.warnings(table)
    yield from _catch_all(table)
    yield from _unchecked(table)
    yield from _keyless(table)
    yield from _weights(document)
    yield from _empty_groups(document)


def _trailing_slash(table: RouteTable, rule: Rule, path: Path) -> Iterator[Problem]:
    value = rule.match.path.value
    other = value[:-1] if value.endswith("/") else value + "/"
    takers = [taker.route.name for taker in table.matcher.at(canonical(other.encode()))]
    if rule.route.name not in takers:
        where = f"goes to {takers[0]}" if takers else "finds no route"
        message = f'an Exact path is exact to the slash: "{other}" {where}; add a match if clients may send it'
        yield Problem(path, message, Severity.WARNING)


def _catch_all(table: RouteTable) -> Iterator[Problem]:
    if not any(_takes_all(rule) for rule in table.matcher.rules):
        message = "no route takes everything: what none takes is answered 404; add one with PathPrefix / for legacy"
        yield Problem(("spec", "routes"), message, Severity.WARNING, at_key=True)


def _unchecked(table: RouteTable) -> Iterator[Problem]:
    """Candidates that answer payments, and that nobody asks how they are."""
    asked = {route.candidate for route in table.routes if route.stage in CANDIDATE_ANSWERS}
    for place, backend in enumerate(table.backends.values()):
        if backend.name in asked and backend.health_check is None:
            message = f"{backend.name} is a candidate without healthCheck: nobody asks whether it is well"
            yield Problem(("spec", "backends", place, "name"), message, Severity.WARNING)


def _keyless(table: RouteTable) -> Iterator[Problem]:
    """Requests that have no key of their canary, since all its keys are in paths and theirs has none of them."""
    for place, route in enumerate(table.routes):
        keys = route.canary.hash_on if route.canary is not None and route.candidate is not None else ()
        if keys and all(key.startswith("path:") for key in keys):
            wanted = [f"/{{{key.partition(':')[2]}}}" for key in keys]
            for index, match in enumerate(route.matches):
                if match.path.kind is not PathKind.TEMPLATE or not any(each in match.path.value for each in wanted):
                    message = (
                        f"no key of hashOn ({', '.join(keys)}) is in this path: a canary sends all of it to legacy"
                    )
                    yield Problem(("spec", "routes", place, "matches", index, "path"), message, Severity.WARNING)


def _takes_all(rule: Rule) -> bool:
    if rule.methods or rule.conditions:
        return False
    path = rule.match.path
    return (path.kind is PathKind.PREFIX and not rule.segments) or (
        path.kind is PathKind.REGEX and path.value in _EVERYTHING
    )


def _weights(document: RouteTableSpec) -> Iterator[Problem]:
    for place, group in enumerate(document.spec.groups):
        yield from _weight(group.stage, group.canary, ("spec", "groups", place))
    for place, route in enumerate(document.spec.routes):
        if route.group is None:
            yield from _weight(route.stage, route.canary, ("spec", "routes", place))


def _weight(stage: Stage | None, canary: CanarySpec | None, path: Path) -> Iterator[Problem]:
    if stage is not Stage.CANARY or canary is None:
        return
    if canary.weight <= 0 and not canary.include:
        message = "a canary of weight 0 without include sends nobody to the candidate: stage shadow says so"
        yield Problem((*path, "canary", "weight"), message, Severity.WARNING)
    if canary.weight >= 100:
        message = "a canary of weight 100 still sends what has no key to legacy; stage reverse-shadow sends all"
        yield Problem((*path, "canary", "weight"), message, Severity.WARNING)


def _empty_groups(document: RouteTableSpec) -> Iterator[Problem]:
    used = {route.group for route in document.spec.routes}
    for place, group in enumerate(document.spec.groups):
        if group.name not in used:
            yield Problem(("spec", "groups", place, "name"), "no route belongs to this group", Severity.WARNING)
