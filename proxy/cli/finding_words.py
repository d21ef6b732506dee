"""A finding in words that every report says alike: how often, how sure, noise or not, and what was decided.

Law of this file: nothing is subtracted silently: raw and noise counts stand side by side.
"""

from collections.abc import Iterator

from proxy.cli.words import count, moment, percent, printable
from proxy.evidence.findings import State
from proxy.evidence.noise import Judgement
from proxy.store.answers import ControlReport, FieldFinding, NoiseSeen, RouteReport

SHORT = 12
"""Digits of a finding's id that are shown; any beginning that no other finding has names it."""


def short(finding: str) -> str:
    return finding[:SHORT]


def what(field: FieldFinding) -> str:
    """How it differs: `value, one-unit`."""
    return ", ".join(part for part in (field.kind, field.value_class) if part)


def often(field: FieldFinding) -> str:
    share, upper = percent(field.share), percent(field.upper)
    return f"in {count(field.count, 'exchange')}, {share} of those compared (at most {upper})"


def noise(seen: NoiseSeen) -> str:
    """Raw and noise counts among the pairs, and what is judged from them."""
    raw, noisy = seen.both + seen.candidate, seen.both + seen.control
    judged = f"judged {seen.judgement}" if seen.judgement is not Judgement.UNKNOWN else _unknown(seen)
    return f"raw {raw:,}, noise {noisy:,} of {count(seen.pairs, 'pair')}, {judged}"


def _unknown(seen: NoiseSeen) -> str:
    return f"{seen.judgement} (about {seen.needed:,} more pairs)" if seen.needed else str(seen.judgement)


def standing(field: FieldFinding) -> str:
    """Where its finding stands, and by whose word."""
    decided = field.decided
    if decided is None:
        return field.state.value
    who, when = f"{decided.by}: {decided.reason}", moment(decided.at)
    match field.state:
        case State.ACCEPTED:
            until = f" until {moment(decided.until)}" if decided.until is not None else ""
            return printable(f"accepted{until} by {who}")
        case State.FIXED:
            return printable(f"fixed at {when} by {who}")
        case State.REGRESSED:
            return printable(f"REGRESSED: seen again at {moment(field.last_seen)}, fixed at {when} by {who}")
        case State.OPEN:
            ended = decided.until is not None
            return printable(f"open; its acceptance by {who} has ended" if ended else f"open again, by {who}")


def shares(route: RouteReport) -> str:
    """What the mismatches of a route come down to."""
    parts = [f"noise {route.noise:,}"] if route.noise else []
    parts += [f"accepted or fixed {route.settled:,}"] if route.settled else []
    upper = f"unexplained {route.unexplained:,}, at most {percent(route.upper)} of those compared"
    return ", ".join([*parts, upper])


def control(report: ControlReport) -> str:
    """What the noise control of a route rests on."""
    others = ", ".join(f"{each.reason} {each.count:,}" for each in report.outcomes)
    without = f"; without a comparison: {others}" if others else ""
    return printable(f"{count(report.pairs, 'pair')} compared{without}")


def regressions(routes: tuple[RouteReport, ...]) -> Iterator[tuple[str, FieldFinding]]:
    """What was called fixed and is back, with its route."""
    for route in routes:
        for field in route.regressed:
            yield route.route, field


def headline(routes: tuple[RouteReport, ...]) -> str:
    """The one sentence that matters."""
    unexplained = sum(route.unexplained for route in routes)
    if unexplained:
        number = sum(1 for route in routes if route.unexplained)
        return f"{count(unexplained, 'unexplained mismatch')} on {count(number, 'route')}"
    if not sum(route.compared for route in routes):
        return "Nothing was fair to compare yet"
    if sum(route.mismatch for route in routes):
        return "Every mismatch is explained: noise, accepted or fixed"
    return "No mismatch: every answer that was compared is equal under the rules"
