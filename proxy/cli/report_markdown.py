"""A report as Markdown that a pull request shows.

Law of this file: what came over the wire stands in code spans only, whose fence is longer than any run of backticks in
it, so that no value can be a link, a picture, a mention or a heading.
"""

import re
from collections.abc import Iterator
from typing import Final

from proxy.cli import finding_words
from proxy.cli.report_text import losses, period
from proxy.cli.words import count, pair, percent, printable, seconds
from proxy.evidence.findings import State
from proxy.store.answers import FieldFinding, Report, RouteReport

MOST_FIELDS: Final = 10
MOST_EXCUSED: Final = 10
_ROOM: Final = 120
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#!|~@&]|:(?=//)|(?<=www)\.)")


def markdown(report: Report) -> str:
    """The whole text."""
    return "\n".join(_lines(report)) + "\n"


def code(text: str) -> str:
    """Text in a code span of one line."""
    said = printable(text).replace("\n", "⏎").replace("\t", " ")
    fence = "`" * (max((len(run) for run in re.findall("`+", said)), default=0) + 1)
    pad = " " if said.startswith("`") or said.endswith("`") or not said.strip() else ""
    return f"{fence}{pad}{said}{pad}{fence}"


def cell(text: str) -> str:
    """The same within a table, which takes a bar for its own first."""
    return code(text).replace("|", "\\|")


def plain(text: str) -> str:
    """Text as it is: each sign that Markdown gives a meaning to is escaped, and it stays one line."""
    return _SPECIAL.sub(r"\\\1", printable(text).replace("\n", " ").replace("\t", " "))


def _lines(report: Report) -> Iterator[str]:
    exchanges = sum(route.exchanges for route in report.routes)
    yield f"## Shadow report: {finding_words.headline(report.routes)}"
    yield ""
    yield f"{count(exchanges, 'exchange')} on {count(len(report.routes), 'route')}, {period(report)}."
    yield ""
    for route, field in finding_words.regressions(report.routes):
        yield f"> **REGRESSED** {code(route)} {code(field.pattern)} ({finding_words.what(field)})"
        yield ""
    yield from _overview(report.routes)
    for each in report.routes:
        yield from _route(each)
    for line in losses(report):
        yield plain(line)
        yield ""


def _overview(routes: tuple[RouteReport, ...]) -> Iterator[str]:
    if not routes:
        return
    names = ("route", "compared", "match", "ignored", "mismatch", "noise", "settled", "unexplained", "at most")
    yield f"| {' | '.join(names)} |"
    yield f"|---|{'--:|' * (len(names) - 1)}"
    for route in routes:
        numbers = (route.compared, route.match, route.ignored, route.mismatch, route.noise, route.settled)
        unexplained = f"**{route.unexplained:,}**" if route.unexplained else "0"
        upper = percent(route.upper) if route.compared else "-"
        yield f"| {' | '.join([cell(route.route), *(f'{each:,}' for each in numbers), unexplained, upper])} |"
    yield ""


def _route(route: RouteReport) -> Iterator[str]:
    yield f"### {code(route.route)}"
    yield ""
    if route.compared:
        yield f"{finding_words.shares(route)}.{_latency(route)}"
        yield ""
    for each in route.reasons:
        yield f"- inconclusive {each.count:,}: {plain(each.reason or 'no reason given')}"
    for failure in route.failures:
        yield f"- {failure.system} gave no answer {count(failure.count, 'time')}: {plain(failure.kind)}"
    if route.control is not None:
        yield f"- noise control: {plain(finding_words.control(route.control))}"
    for number, field in enumerate(route.fields[:MOST_FIELDS], start=1):
        yield ""
        yield from _field(number, field)
    yield from _rest(route)
    yield ""


def _latency(route: RouteReport) -> str:
    if route.legacy is None or route.candidate is None:
        return ""
    return f" p99 {seconds(route.legacy.p99)} for legacy, {seconds(route.candidate.p99)} for the candidate."


def _field(number: int, field: FieldFinding) -> Iterator[str]:
    state = f"**{field.state.value}**" if field.state is State.REGRESSED else field.state.value
    yield f"**{number}. {code(field.pattern)}** {finding_words.what(field)} · {field.severity} · {state}  "
    yield f"{finding_words.often(field)}  "
    if field.noise is not None:
        yield f"noise control: {finding_words.noise(field.noise)}  "
    if field.decided is not None:
        yield f"{plain(finding_words.standing(field))}  "
    named = f", finding `{finding_words.short(field.id)}`" if field.id else ""
    yield f"{code(f'strangler show {field.exchange_id}')}{named}"
    yield ""
    legacy, candidate = pair(field.legacy, field.candidate, _ROOM)
    yield "| legacy | candidate |"
    yield "|---|---|"
    yield f"| {cell(legacy)} | {cell(candidate)} |"


def _rest(route: RouteReport) -> Iterator[str]:
    hidden = len(route.fields) - MOST_FIELDS
    if hidden > 0:
        yield ""
        yield f"{count(hidden, 'cause')} more: {code(f'strangler report {route.route} --json')}"
    if route.excused:
        yield ""
        yield "Excused by rules:"
        yield ""
        for field in route.excused[:MOST_EXCUSED]:
            yield f"- {code(field.pattern)} {field.kind}, {field.count:,}, by {code(field.rule or '')}"
