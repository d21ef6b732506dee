"""`strangler differences`: mismatches grouped by cause, with the latest pair of each."""

import click
from rich.console import Console
from rich.text import Text

from proxy.cli.documents import document
from proxy.cli.options import json_option, store_option
from proxy.cli.reading import ask
from proxy.cli.words import count, kind_of, no_exchanges, printable, shown, span
from proxy.store.answers import Finding
from proxy.store.queries import Queries


@click.command(name="differences")
@click.argument("route", required=False, envvar="STRANGLER_ROUTE")
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    envvar="STRANGLER_LIMIT",
    show_envvar=True,
    help="How many groups at most.",
)
@json_option
@store_option
def command(route: str | None, limit: int, as_json: bool, store: str) -> None:
    """Show what differs, one entry a cause, the most frequent first, with example exchanges.

    Exits 0, or 3 if the store cannot be read.
    """
    findings, routes = ask(store, lambda queries: _asked(queries, route, limit))
    if as_json:
        click.echo(document(findings=findings, routes=routes))
    elif findings:
        _print(findings)
    elif not routes or (route is not None and route not in routes):
        click.echo(no_exchanges(route, routes))
    else:
        click.echo(f"no mismatches{f' on route {printable(route)}' if route else ''}.")


async def _asked(queries: Queries, route: str | None, limit: int) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    return await queries.findings(route, limit), await queries.routes()


def _print(findings: tuple[Finding, ...]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for finding in findings:
        seen = f"{count(finding.count, 'mismatch')}, {span(finding.first_seen, finding.last_seen)}"
        console.print(Text.assemble(shown(finding.route, "bold"), f"  {seen}"))
        for difference in finding.differences:
            kind = kind_of(difference.kind, difference.severity)
            console.print(Text.assemble("  ", shown(difference.path, "bold"), "  ", shown(kind, "cyan")))
            console.print(Text("    legacy     ") + shown(_said(difference.legacy), "green"))
            console.print(Text("    candidate  ") + shown(_said(difference.candidate), "red"))
        for example in reversed(finding.examples):
            console.print(Text("  ") + shown(f"strangler show {example}", "dim"))
        console.print()


def _said(value: str | None) -> str:
    return "(absent)" if value is None else value
