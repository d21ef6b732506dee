"""A report for people: what differs, how often, whether it is noise, an example pair, and which system is slower.

Law of this file: everything fits 80 columns, also in a pipe; what is left out says where it can be seen.
"""

from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from comparators import Severity
from proxy.cli import finding_words
from proxy.cli.words import count, moment, pair, percent, seconds, shown, span
from proxy.evidence.findings import State
from proxy.store.answers import FieldFinding, Latencies, Report, RouteReport

MOST_FIELDS = 10
MOST_REASONS = 3
_ROOM = 58
_ALIKE = 1.1


def print_report(console: Console, report: Report) -> None:
    """The report of at least one route."""
    for part in _parts(report):
        console.print(part)


def _parts(report: Report) -> Iterator[RenderableType]:
    yield _headline(report)
    yield from _regressed(report.routes)
    if len(report.routes) > 1:
        yield _overview(report.routes)
    for route in report.routes:
        yield Text()
        yield Group(*_route(route))
    yield Text()
    for line in losses(report):
        yield shown(line, "yellow")
    yield from _next_steps(report.routes)


def _headline(report: Report) -> Text:
    exchanges = sum(route.exchanges for route in report.routes)
    said = f"{count(exchanges, 'exchange')} on {count(len(report.routes), 'route')}, {period(report)}"
    return Text(said, style="bold")


def period(report: Report) -> str:
    """The time that a report is about."""
    if report.since is not None:
        return f"since {moment(report.since)}"
    return "all" if report.first is None or report.last is None else span(report.first, report.last)


def _regressed(routes: tuple[RouteReport, ...]) -> Iterator[Text]:
    """Loud: somebody said that this was over."""
    for route, field in finding_words.regressions(routes):
        where = shown(f"{route} {field.pattern} ({finding_words.what(field)})", "bold red")
        yield Text.assemble(("REGRESSED ", "bold reverse red"), " ", where)
        yield Text("  ") + shown(f"strangler findings list {route}", "dim")


def _overview(routes: Iterable[RouteReport]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column("route", overflow="ellipsis", no_wrap=True, max_width=22)
    for name in ("match", "mismatch", "unexplained", "at most", "unclear"):
        table.add_column(name, justify="right", no_wrap=True)
    for route in routes:
        numbers = (route.match + route.ignored, route.mismatch, route.unexplained, route.inconclusive)
        match, mismatch, unexplained, unclear = (Text(f"{number:,}") for number in numbers)
        unexplained.stylize("red" if route.unexplained else "green")
        upper = percent(route.upper) if route.compared else "-"
        table.add_row(shown(route.route), match, mismatch, unexplained, upper, unclear)
    return table


def _route(route: RouteReport) -> Iterator[RenderableType]:
    yield Text.assemble(
        shown(route.route, "bold"), f"  {count(route.exchanges, 'exchange')}, {route.compared:,} compared"
    )
    yield _verdicts(route)
    if route.compared:
        yield Text("  ") + shown(finding_words.shares(route), "red" if route.unexplained else "green")
    if route.inconclusive:
        yield Text("  ") + shown(f"inconclusive {route.inconclusive:,}: {_reasons(route)}", "yellow")
    yield Padding(_latencies(route), (0, 0, 0, 2))
    if route.control is not None:
        yield Padding(shown(f"noise control: {finding_words.control(route.control)}", "dim"), (0, 0, 0, 2))
    for failure in route.failures:
        yield Text("  ") + shown(
            f"{failure.system} gave no answer {count(failure.count, 'time')}: {failure.kind}", "yellow"
        )
    if route.fields:
        yield Text()
        yield from _fields(route)
    yield from _excused(route)


def _reasons(route: RouteReport) -> str:
    """The most frequent, and where the others are."""
    said = [f"{each.reason or 'no reason given'} ({each.count:,})" for each in route.reasons[:MOST_REASONS]]
    hidden = len(route.reasons) - MOST_REASONS
    if hidden > 0:
        said.append(f"and {count(hidden, 'reason')} more: strangler report {route.route} --json")
    return ", ".join(said)


def _verdicts(route: RouteReport) -> Text:
    parts = (("match", route.match, "green"), ("ignored", route.ignored, ""), ("mismatch", route.mismatch, "red"))
    line = Text("  ")
    for name, number, style in parts:
        share = f" ({percent(number / route.compared)})" if route.compared else ""
        line.append(f"{name} {number:,}{share}   ", style=style if number else "dim")
    line.rstrip()
    return line


def _latencies(route: RouteReport) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("answers in")
    for name in ("p50", "p95", "p99"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for name, took, remark in (("legacy", route.legacy, ""), ("candidate", route.candidate, _speed(route))):
        cells = [seconds(each) for each in (took.p50, took.p95, took.p99)] if took else ["-"] * 3
        table.add_row(name, *cells, remark)
    return table


def _speed(route: RouteReport) -> Text:
    if route.legacy is None or route.candidate is None:
        return Text()
    return Text(f"{_ratio(route.legacy, route.candidate)}", style="dim")


def _ratio(legacy: Latencies, candidate: Latencies) -> str:
    ratio = candidate.p50 / legacy.p50
    if 1 / _ALIKE <= ratio <= _ALIKE:
        return "about as fast as legacy"
    return f"{ratio:.1f} × slower than legacy" if ratio > 1 else f"{1 / ratio:.1f} × faster than legacy"


def _fields(route: RouteReport) -> Iterator[RenderableType]:
    yield Text("  What differs, the unexplained first; the latest pair:", style="dim")
    for number, field in enumerate(route.fields[:MOST_FIELDS], start=1):
        yield from _field(number, field)
    hidden = len(route.fields) - MOST_FIELDS
    if hidden > 0:
        yield Text("  ") + shown(f"and {count(hidden, 'cause')} more: strangler report {route.route} --json", "dim")


def _field(number: int, field: FieldFinding) -> Iterator[RenderableType]:
    legacy, candidate = pair(field.legacy, field.candidate, _ROOM)
    style = "red" if field.is_unexplained and field.severity is Severity.BREAKING else ""
    kind, severity = shown(finding_words.what(field), "cyan"), shown(field.severity, style)
    yield Text.assemble(f"  {number:>2}. ", shown(field.pattern, "bold"), "  ", kind, "  ", severity)
    yield Text(f"      {finding_words.often(field)}")
    if field.noise is not None:
        said = shown(f"noise control: {finding_words.noise(field.noise)}", "green" if field.is_noise else "")
        yield Padding(said, (0, 0, 0, 6))
    if field.decided is not None:
        said = shown(finding_words.standing(field), "bold red" if field.state is State.REGRESSED else "")
        yield Padding(said, (0, 0, 0, 6))
    yield Text("      legacy     ") + shown(legacy, "green")
    yield Text("      candidate  ") + shown(candidate, "red")
    found = f"   finding {finding_words.short(field.id)}" if field.id else ""
    yield Text("      ") + shown(f"strangler show {field.exchange_id}{found}", "dim")


def _excused(route: RouteReport) -> Iterator[Text]:
    if not route.excused:
        return
    yield Text()
    yield Text("  Excused by rules:", style="dim")
    for field in route.excused[:MOST_FIELDS]:
        yield Text("    ") + shown(f"{field.pattern}  {field.kind}  {field.count:,} ({field.rule})", "dim")
    hidden = len(route.excused) - MOST_FIELDS
    if hidden > 0:
        yield Text("    ") + shown(f"and {count(hidden, 'cause')} more: strangler report {route.route} --json", "dim")


def losses(report: Report) -> Iterator[str]:
    """What the report cannot speak of: what was dropped, and what is missing; all routes together, and it says so."""
    where = " on all routes" if report.route is not None else ""
    if report.dropped:
        since = ", since its processes started" if report.since is not None else ""
        reasons = ", ".join(f"{each.reason} {each.count:,}" for each in report.dropped)
        yield f"Never compared, because dropped{where}{since}: {reasons}"
    if report.unaccounted:
        were = "copy was" if report.unaccounted == 1 else "copies were"
        yield (
            f"{report.unaccounted:,} {were} taken{where} and neither compared nor counted: lost with a process that"
            " was killed, or still on the way"
        )
    if report.diverged:
        were = "entity is" if report.diverged == 1 else "entities are"
        yield (
            f"{report.diverged:,} {were} no longer alike on the two sides, since a write ended otherwise; later"
            " differences there are marked as its cascade"
        )


def _next_steps(routes: tuple[RouteReport, ...]) -> Iterator[Text]:
    worst = routes[0]
    steps = []
    if worst.unexplained and worst.fields:
        steps.append((f"strangler show {worst.fields[0].exchange_id}", "one exchange in full"))
        steps.append((f"strangler differences {worst.route}", "mismatches with the same causes"))
    for noisy in [route for route in routes if any(field.is_noise for field in route.fields)][:1]:
        steps.append((f"strangler rules suggest {noisy.route}", "learned noise as rules to paste"))
    for step, (command, what) in enumerate(steps):
        yield Text.assemble("      " if step else "Next: ", shown(command, "bold"), f"  {what}")
    if not worst.unexplained:
        yield Text(f"{finding_words.headline(routes)}.", style="green" if worst.compared else "yellow")
