"""`strangler pins`: the keys that are bound to a system, and letting one go."""

import click
import msgspec
from rich.console import Console
from rich.table import Table

from proxy.cli.claiming import audited, by_option, dry_run_option, reason_option, within
from proxy.cli.options import json_option, limit_option, store_option
from proxy.cli.words import moment, printable
from proxy.evidence.entry import Action
from proxy.store.claimed import PinRow
from proxy.store.claims import find_pins, save_pins

SCHEMA_VERSION = 1
REFUSED = 1
MOST = 1000


class PinsDocument(msgspec.Struct, frozen=True, rename="camel"):
    """`--json` of `pins show`."""

    schema_version: int
    pins: tuple[PinRow, ...]


@click.group(name="pins")
def command() -> None:
    """The idempotency keys that are bound to a system. A key is shown as its token, as in stored exchanges."""


@command.command()
@click.argument("token", required=False)
@click.option("--route", envvar="STRANGLER_ROUTE", show_envvar=True, help="Only those that this route bound.")
@limit_option(50, 10_000)
@json_option
@store_option
def show(token: str | None, route: str | None, limit: int, as_json: bool, store: str) -> None:
    """Show pins, the youngest first. Exits 0, or 3 if the store cannot be read."""
    rows = within(store, lambda transaction: find_pins(transaction, limit, token, route))
    if as_json:
        click.echo(msgspec.json.encode(PinsDocument(SCHEMA_VERSION, tuple(rows))))
        return
    table = Table("token", "system", "backend", "route", "state", "on their way", "until")
    for row in rows:
        cells = (row.token, row.system, row.backend, row.route, row.state, str(len(row.holders)), moment(row.expires))
        table.add_row(*map(printable, cells))
    Console(highlight=False, soft_wrap=True).print(table)


@command.command()
@click.argument("token")
@reason_option
@by_option
@dry_run_option
@store_option
def release(token: str, reason: str, by: str | None, dry_run: bool, store: str) -> None:
    """Let the key with this token go: whoever comes next with it is planned anew, and may be sent to the other system.

    Exits 0; 1 if there is none, or a request is on its way with it; 3 if the store cannot be written.
    """
    rows = within(store, lambda transaction: find_pins(transaction, MOST, token))
    if not rows or any(row.holders for row in rows):
        why = "a request is on its way with it" if rows else "there is no such pin"
        click.echo(f"error: {printable(token)} is not let go: {why}", err=True)
        raise click.exceptions.Exit(REFUSED)
    if not dry_run:
        keys = {row.key for row in rows}
        within(store, lambda transaction: save_pins(transaction, dict.fromkeys(keys), keys))
        audited(store, Action.PIN_RELEASED, by, token, reason)
    told = "would be let go" if dry_run else "is let go"
    click.echo(f"{printable(token)} {told}: it was bound to {rows[0].system}, backend {rows[0].backend}")
