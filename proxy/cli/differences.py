"""`strangler differences`: mismatches grouped by all their causes together, with the latest of each."""

import click
from rich.console import Console
from rich.text import Text

from proxy.cli.documents import document
from proxy.cli.options import json_option, limit_option, store_option
from proxy.cli.reading import ask
from proxy.cli.words import count, kind_of, no_exchanges, printable, shown, span
from proxy.store.answers import Group
from proxy.store.queries import Queries


@click.command(name="differences")
@click.argument("route", required=False, envvar="STRANGLER_ROUTE")
@limit_option(20, 1000, "groups ")
@json_option
@store_option
def command(route: str | None, limit: int, as_json: bool, store: str) -> None:
    """Show mismatches, one entry for all that differ in the same causes, the most frequent first, with examples.

    Exits 0, or 3 if the store cannot be read.
    """
    groups, routes = ask(store, lambda queries: _asked(queries, route, limit))
    if as_json:
        click.echo(document(findings=groups, routes=routes))  # as it was called first
    elif groups:
        _print(groups)
    elif not routes or (route is not None and route not in routes):
        click.echo(no_exchanges(route, routes))
    else:
        click.echo(f"no mismatches{f' on route {printable(route)}' if route else ''}.")


async def _asked(queries: Queries, route: str | None, limit: int) -> tuple[tuple[Group, ...], tuple[str, ...]]:
    return await queries.groups(route, limit), await queries.routes()


def _print(groups: tuple[Group, ...]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for group in groups:
        seen = f"{count(group.count, 'mismatch')}, {span(group.first_seen, group.last_seen)}"
        console.print(Text.assemble(shown(group.route, "bold"), f"  {seen}"))
        for difference in group.differences:
            kind = kind_of(difference.kind, difference.severity)
            console.print(Text.assemble("  ", shown(difference.path, "bold"), "  ", shown(kind, "cyan")))
            console.print(Text("    legacy     ") + shown(_said(difference.legacy), "green"))
            console.print(Text("    candidate  ") + shown(_said(difference.candidate), "red"))
        for example in reversed(group.examples):
            console.print(Text("  ") + shown(f"strangler show {example}", "dim"))
        console.print()


def _said(value: str | None) -> str:
    return "(absent)" if value is None else value
