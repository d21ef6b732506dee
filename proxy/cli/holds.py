"""`strangler holds`: what still needs a route or a backend, so that nothing that is needed is switched off."""

import click
import msgspec

from proxy.cli.claiming import within
from proxy.cli.options import json_option, store_option
from proxy.cli.words import printable
from proxy.store.claims import Transaction, holds

SCHEMA_VERSION = 1
HELD = 1


class HoldsDocument(msgspec.Struct, frozen=True, rename="camel"):
    """`--json` of `holds`. Ids are owned by backends, not by routes."""

    schema_version: int
    name: str
    pins: int
    owned_ids: int
    unknown_outcomes: int

    @property
    def is_removable(self) -> bool:
        return not (self.pins or self.owned_ids or self.unknown_outcomes)


@click.command(name="holds")
@click.argument("name", metavar="ROUTE|BACKEND")
@json_option
@store_option
def command(name: str, as_json: bool, store: str) -> None:
    """Show what still needs a route or a backend: keys bound to it, entities that it owns, outcomes that nobody knows.

    Exits 0 if nothing does, so that it can be removed; 1 if something does; 3 if the store cannot be read.
    """
    found = within(store, lambda transaction: _found(transaction, name))
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        parts = f"{found.pins:,} pins, {found.owned_ids:,} owned ids, {found.unknown_outcomes:,} unknown outcomes"
        told = "nothing needs it" if found.is_removable else "IT IS NEEDED"
        click.echo(f"{printable(name)}: {told}: {parts}")
    if not found.is_removable:
        raise click.exceptions.Exit(HELD)


def _found(transaction: Transaction, name: str) -> HoldsDocument:
    as_route = holds(transaction, route=name, backend=None)
    as_backend = holds(transaction, route=None, backend=name)
    pins, owned, unknown = (one + other for one, other in zip(as_route, as_backend, strict=True))
    return HoldsDocument(SCHEMA_VERSION, name, pins, owned, unknown)
