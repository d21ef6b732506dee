"""A report for people: which fields differ, how often, an example pair, and which system is slower.

Law of this file: everything fits 80 columns, also in a pipe; what is left out says where it can be seen.
"""

from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from proxy.cli.words import count, kind_of, moment, pair, percent, seconds, shown, span
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
    when = f"since {moment(report.since)}" if report.since is not None else "all"
    if report.since is None and report.first is not None and report.last is not None:
        when = span(report.first, report.last)
    return Text(f"{count(exchanges, 'exchange')} on {count(len(report.routes), 'route')}, {when}", style="bold")


def _overview(routes: Iterable[RouteReport]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column("route", overflow="ellipsis", no_wrap=True, max_width=28)
    for name in ("match", "ignored", "mismatch", "unclear", "mismatched"):
        table.add_column(name, justify="right", no_wrap=True)
    for route in routes:
        rate = percent(route.mismatch / route.compared) if route.compared else "-"
        numbers = (route.match, route.ignored, route.mismatch, route.inconclusive)
        cells = [Text(f"{number:,}") for number in numbers]
        cells[2].stylize("red" if route.mismatch else "green")
        table.add_row(shown(route.route), *cells, rate)
    return table


def _route(route: RouteReport) -> Iterator[RenderableType]:
    yield Text.assemble(
        shown(route.route, "bold"), f"  {count(route.exchanges, 'exchange')}, {route.compared:,} compared"
    )
    yield _verdicts(route)
    if route.inconclusive:
        yield Text("  ") + shown(f"inconclusive {route.inconclusive:,}: {_reasons(route)}", "yellow")
    yield Padding(_latencies(route), (0, 0, 0, 2))
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


def _fields(route: RouteReport) -> Iterator[Text]:
    yield Text("  What differs, most frequent first; the latest pair:", style="dim")
    for number, field in enumerate(route.fields[:MOST_FIELDS], start=1):
        yield from _field(number, field)
    hidden = len(route.fields) - MOST_FIELDS
    if hidden > 0:
        yield Text("  ") + shown(f"and {count(hidden, 'field')} more: strangler report {route.route} --json", "dim")


def _field(number: int, field: FieldFinding) -> Iterator[Text]:
    legacy, candidate = pair(field.legacy, field.candidate, _ROOM)
    kind = kind_of(field.kind, field.severity)
    yield Text.assemble(f"  {number:>2}. ", shown(field.pattern, "bold"), "  ", shown(kind, "cyan"))
    yield Text(f"      in {count(field.count, 'exchange')}, {percent(field.share)} of those compared")
    yield Text("      legacy     ") + shown(legacy, "green")
    yield Text("      candidate  ") + shown(candidate, "red")
    yield Text("      ") + shown(f"strangler show {field.exchange_id}", "dim")


def _excused(route: RouteReport) -> Iterator[Text]:
    if not route.excused:
        return
    yield Text()
    yield Text("  Excused by rules:", style="dim")
    for field in route.excused[:MOST_FIELDS]:
        yield Text("    ") + shown(f"{field.pattern}  {field.kind}  {field.count:,} ({field.rule})", "dim")
    hidden = len(route.excused) - MOST_FIELDS
    if hidden > 0:
        yield Text("    ") + shown(f"and {count(hidden, 'field')} more: strangler report {route.route} --json", "dim")


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


def _next_steps(routes: tuple[RouteReport, ...]) -> Iterator[Text]:
    worst = routes[0]
    if worst.fields:
        yield Text.assemble(
            "Next: ", shown(f"strangler show {worst.fields[0].exchange_id}", "bold"), "  one exchange in full"
        )
        yield Text.assemble(
            "      ", shown(f"strangler differences {worst.route}", "bold"), "  mismatches grouped by cause"
        )
    elif sum(route.compared for route in routes):
        yield Text("No mismatch: every answer that was compared is equal under the rules.", style="green")
    else:
        yield Text("Nothing was fair to compare yet; the reasons are above.", style="yellow")
