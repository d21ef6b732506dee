"""`strangler unknown`: writes that were sent and got no true answer, and what an operator found out about them."""

import getpass
import time

import click
import msgspec
from rich.console import Console
from rich.table import Table

from proxy.cli.claiming import audited, by_option, dry_run_option, reason_option, within
from proxy.cli.options import json_option, limit_option, store_option
from proxy.cli.words import moment, printable
from proxy.evidence.entry import Action
from proxy.store.claimed import UnknownRow
from proxy.store.claims import find_unknowns, resolve_unknown

SCHEMA_VERSION = 1
REFUSED = 1
MOST = 10_000


class UnknownDocument(msgspec.Struct, frozen=True, rename="camel"):
    """`--json` of `unknown list`."""

    schema_version: int
    unknown: tuple[UnknownRow, ...]


@click.group(name="unknown")
def command() -> None:
    """Writes of which nobody knows whether they were carried out. They are neither failed nor repeated."""


@command.command(name="list")
@click.option("--all", "resolved", is_flag=True, help="Also those that were resolved.")
@limit_option(50, 10_000)
@json_option
@store_option
def listing(resolved: bool, limit: int, as_json: bool, store: str) -> None:
    """Show them, the oldest first. Exits 0, or 3 if the store cannot be read."""
    rows = within(store, lambda transaction: find_unknowns(transaction, limit, resolved=resolved))
    if as_json:
        click.echo(msgspec.json.encode(UnknownDocument(SCHEMA_VERSION, tuple(rows))))
        return
    table = Table("request", "key", "route", "system", "backend", "when", "what", "resolved")
    for row in rows:
        cells = (row.holder, row.token or "-", row.route, row.system, row.backend, moment(row.at), row.detail)
        table.add_row(*map(printable, (*cells, row.resolution or "-")))
    Console(highlight=False, soft_wrap=True).print(table)


@command.command()
@click.argument("request")
@click.option(
    "--as",
    "resolution",
    required=True,
    type=click.Choice(["done", "not-done", "reversed"]),
    envvar="STRANGLER_RESOLUTION",
    show_envvar=True,
    help="What its system says of it.",
)
@reason_option
@by_option
@dry_run_option
@store_option
def resolve(request: str, resolution: str, reason: str, by: str | None, dry_run: bool, store: str) -> None:
    """Say what became of one, as `unknown list` names it. Its key stays bound to its system.

    Exits 0; 1 if there is none that is not resolved; 3 if the store cannot be written.
    """
    who = by or getpass.getuser()
    known = {row.holder for row in within(store, lambda transaction: find_unknowns(transaction, MOST))}
    if request not in known:
        click.echo(f"error: there is no unknown outcome {printable(request)}", err=True)
        raise click.exceptions.Exit(REFUSED)
    if not dry_run:
        within(store, lambda transaction: resolve_unknown(transaction, request, resolution, who, time.time()))
        audited(store, Action.UNKNOWN_RESOLVED, who, request, f"{resolution}: {reason}")
    click.echo(f"{printable(request)} {'would be' if dry_run else 'is'} resolved as {resolution}")
