"""`strangler report`: what the shadow traffic showed, per route."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console

from proxy.cli.documents import document
from proxy.cli.options import duration, json_option, store_option
from proxy.cli.reading import ask, fail
from proxy.cli.report_junit import junit
from proxy.cli.report_markdown import markdown
from proxy.cli.report_page import page
from proxy.cli.report_text import losses, print_report
from proxy.cli.words import moment, no_exchanges, printable
from proxy.store.answers import Report
from proxy.store.queries import Queries

WIDTH = 100

MAKERS: dict[str, Callable[[Report], str]] = {
    "json": lambda report: document(report=report) + "\n",
    "html": lambda report: page(report, time.time()),
    "markdown": markdown,
    "junit": lambda report: junit(report, time.time()),
}
"""The formats besides text."""


@click.command(name="report")
@click.argument("route", required=False, envvar="STRANGLER_ROUTE")
@click.option(
    "--since",
    callback=duration,
    metavar="DURATION",
    envvar="STRANGLER_SINCE",
    show_envvar=True,
    help="Only the last 1h, 30m, 1h30m.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "html", "markdown", "junit"]),
    default="text",
    show_default=True,
    envvar="STRANGLER_REPORT_FORMAT",
    show_envvar=True,
    help="For people (text, html, markdown) or for programs.",
)
@json_option
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="STRANGLER_OUTPUT",
    show_envvar=True,
    help="Write to this file instead of standard output.",
)
@store_option
def command(route: str | None, since: float | None, style: str, as_json: bool, output: Path | None, store: str) -> None:
    """Show what differs between legacy and candidate, how often, with an example pair, and how fast both are.

    Exits 0, or 3 if the store cannot be read or the file cannot be written.
    """
    after = None if since is None else max(0.0, time.time() - since)
    found = ask(store, lambda queries: _asked(queries, after, route))
    style = "json" if as_json else style
    if output is None:
        return _write(*found, Console(highlight=False, file=sys.stdout), style)
    try:
        with output.open("w", encoding="utf-8") as file:
            _write(*found, Console(highlight=False, file=file, width=WIDTH), style)
    except OSError as fault:
        fail(f"{output} cannot be written: {fault.strerror}")


async def _asked(queries: Queries, since: float | None, route: str | None) -> tuple[Report, tuple[str, ...]]:
    return await queries.report(since, route), await queries.routes()


def _write(report: Report, routes: tuple[str, ...], console: Console, style: str) -> None:
    made = MAKERS.get(style)
    if made is not None:
        click.echo(made(report), file=console.file, nl=False)
    elif report.routes:
        print_report(console, report)
    else:
        click.echo("\n".join([_nothing(report, routes), *losses(report)]), file=console.file)


def _nothing(report: Report, routes: tuple[str, ...]) -> str:
    if report.last is None:
        return no_exchanges(report.route, routes)
    where = f" on route {printable(report.route)}" if report.route else ""
    since = f" since {moment(report.since)}" if report.since is not None else ""
    return f"no exchanges{where}{since}; the last one was at {moment(report.last)}."
