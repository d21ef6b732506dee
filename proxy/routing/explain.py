"""Why a request gets the route that it gets: the winner, the losers each with its reason, and the plan, as data.

Law of this file: it asks the same matcher that decides about traffic, and never repeats a value that the request
carried.
"""

from dataclasses import dataclass

from proxy.messages import Plan, is_marked
from proxy.routing.asked import Asked
from proxy.routing.route import PathKind
from proxy.routing.rule import Rule
from proxy.routing.split import plan
from proxy.routing.table import RouteTable
from proxy.routing.target import canonical, split_target

_BETTER = (
    "matches by {kind}, which comes before {loser}",
    "has the more specific path",
    "names a method",
    "has more header matches",
    "has more query matches",
    "has more other matches (host, cookies, claims, time, body)",
    "names its host more closely",
    "comes first in the file",
)


@dataclass(frozen=True, slots=True)
class Loser:
    """A match that did not win: its route, its place in the route, and why."""

    route: str
    match: int
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The route that wins a request, or None with `why`; losers in order of precedence.

    `path` is as the matcher sees it.
    """

    table: str
    path: str
    route: str | None
    match: int | None
    why: str
    plan: Plan | None
    losers: tuple[Loser, ...]


def explain(table: RouteTable, method: bytes, asked: Asked) -> Explanation:
    """Explain one request, as RouteTable.find would route it and split.plan would plan it."""
    path = canonical(split_target(asked.target)[0])
    winner = table.matcher.find(method, asked.target, asked.headers, asked.now, asked.body)
    on_path = {id(rule) for rule in table.matcher.at(path)}
    losers = (
        Loser(rule.route.name, rule.index, _reason(rule, winner, id(rule) in on_path, method, asked))
        for rule in table.matcher.rules
        if rule is not winner
    )
    marked = is_marked(asked.headers)
    return Explanation(
        table=table.hash,
        path=path.decode(),
        route=winner.route.name if winner else None,
        match=winner.index if winner else None,
        why=_describe(winner) if winner else _no_winner(table, method, asked),
        plan=plan(winner.route, method, asked, marked=marked) if winner else None,
        losers=tuple(losers),
    )


def _reason(rule: Rule, winner: Rule | None, on_path: bool, method: bytes, asked: Asked) -> str:
    if not on_path:
        return f"path is not {_path(rule)}"
    return _failed(rule, method, asked) or _outranked(rule, winner)


def _failed(rule: Rule, method: bytes, asked: Asked) -> str | None:
    if rule.methods and method not in rule.methods:
        return "method is not " + _methods(rule)
    failed = rule.failed(asked)
    return ", ".join(failed) + (" does not hold" if len(failed) == 1 else " do not hold") if failed else None


def _outranked(loser: Rule, winner: Rule | None) -> str:
    if winner is None:
        return "it holds, but the target is refused"
    step = next(place for place, (a, b) in enumerate(zip(winner.rank, loser.rank, strict=True)) if a != b)
    reason = _BETTER[step].format(kind=_kind(winner), loser=_kind(loser))
    return f"it holds, but {winner.route.name} {reason}"


def _describe(rule: Rule) -> str:
    method = [f"method {_methods(rule)}"] if rule.methods else []
    return ", ".join([_path(rule), *method, *(condition.words for condition in rule.conditions)])


def _methods(rule: Rule) -> str:
    return " or ".join(sorted(name.decode() for name in rule.methods))


def _no_winner(table: RouteTable, method: bytes, asked: Asked) -> str:
    names = table.matcher.contenders(method, asked.target, asked.headers, asked.now, asked.body)
    if len(names) > 1:
        listed = " or ".join(name or "no route" for name in names)
        return f"refused: servers read this target in several ways, as {listed}"
    return "no match holds"


def _path(rule: Rule) -> str:
    return f"{rule.match.path.kind} {rule.match.path.value}"


def _kind(rule: Rule) -> PathKind:
    return rule.match.path.kind
