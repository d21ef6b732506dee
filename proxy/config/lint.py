"""What is not wrong with a table, but probably not meant: warnings.

Law of this file: a warning never keeps a table from being loaded.
"""

from collections.abc import Iterator

from proxy.config.errors import Severity
from proxy.config.problems import Problem
from proxy.config.yaml_reader import Path
from proxy.routing.rule import Rule
from proxy.routing.table import PathKind, RouteTable
from proxy.routing.target import canonical


def warnings(table: RouteTable) -> Iterator[Problem]:
    """All warnings about a table."""
    places = {route.name: place for place, route in enumerate(table.routes)}
    for rule in table.matcher.rules:
        if rule.match.path.kind is PathKind.EXACT and rule.match.path.value != "/":
            path: Path = ("spec", "routes", places[rule.route.name], "matches", rule.index, "path", "value")
            yield from _trailing_slash(table, rule, path)


def _trailing_slash(table: RouteTable, rule: Rule, path: Path) -> Iterator[Problem]:
    value = rule.match.path.value
    other = value[:-1] if value.endswith("/") else value + "/"
    takers = [taker.route.name for taker in table.matcher.at(canonical(other.encode()))]
    if rule.route.name not in takers:
        where = f"goes to {takers[0]}" if takers else "finds no route"
        message = f'an Exact path is exact to the slash: "{other}" {where}; add a match if clients may send it'
        yield Problem(path, message, Severity.WARNING)
