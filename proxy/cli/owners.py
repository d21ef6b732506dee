"""`strangler owners`: which system the entities belong to; bringing in those of before, and handing them over."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Final

import click
import msgspec
from rich.console import Console
from rich.table import Table

from proxy.claims.keys import LONGEST, Digests
from proxy.cli.claiming import audited, by_option, dry_run_option, reason_option, within
from proxy.cli.options import json_option, store_option
from proxy.cli.reading import fail
from proxy.cli.words import printable
from proxy.evidence.entry import Action
from proxy.messages import System
from proxy.redaction import load_or_create_key
from proxy.runtime.guarding import imports_file
from proxy.runtime.sockets import EnvironmentFault
from proxy.runtime.storing import beside, key_beside
from proxy.store.claimed import OwnerRow
from proxy.store.claims import (
    Transaction,
    load_owners,
    move_owners,
    once,
    owned_before,
    owner_counts,
    save_owners,
)
from proxy.store.errors import StoreError
from proxy.store.url import claims_url

SCHEMA_VERSION = 1
REFUSED = 1
AT_ONCE: Final = 500
"""Ids of one transaction, so that no payment waits for an import."""

_SYSTEM = click.Choice([system.value for system in System])


class Owned(msgspec.Struct, frozen=True, rename="camel"):
    """The ids of one entity that one system owns, aliases included."""

    entity: str
    system: System
    backend: str
    ids: int
    disputed: int


class OwnersDocument(msgspec.Struct, frozen=True, rename="camel"):
    """`--json` of `owners status`."""

    schema_version: int
    owners: tuple[Owned, ...]


@click.group(name="owners")
def command() -> None:
    """Which system the entities belong to. Owners never expire: only these commands end them."""


@command.command()
@json_option
@store_option
def status(as_json: bool, store: str) -> None:
    """Show how many ids each system owns. Exits 0, or 3 if the store cannot be read."""
    rows = tuple(Owned(*row) for row in within(store, owner_counts))
    if as_json:
        click.echo(msgspec.json.encode(OwnersDocument(SCHEMA_VERSION, rows)))
        return
    table = Table("entity", "system", "backend", "ids", "disputed")
    for row in rows:
        table.add_row(*map(printable, (row.entity, row.system, row.backend, f"{row.ids:,}", f"{row.disputed:,}")))
    Console(highlight=False, soft_wrap=True).print(table)


@command.command(name="import")
@click.argument("file", type=click.File("rb"))
@click.option("--entity", required=True, envvar="STRANGLER_ENTITY", show_envvar=True, help="What they are.")
@click.option("--system", required=True, type=_SYSTEM, envvar="STRANGLER_SYSTEM", show_envvar=True, help="Whose.")
@click.option("--backend", required=True, envvar="STRANGLER_BACKEND", show_envvar=True, help="Its backend.")
@click.option(
    "--redaction-key-file",
    type=click.Path(),
    envvar="STRANGLER_REDACTION_KEY_FILE",
    show_envvar=True,
    help="The key of the running strangler; beside the store if left out.",
)
@reason_option
@by_option
@dry_run_option
@store_option
def import_(
    file: IO[bytes],
    entity: str,
    system: str,
    backend: str,
    redaction_key_file: str | None,
    reason: str,
    by: str | None,
    dry_run: bool,
    store: str,
) -> None:
    """Bring in the ids of FILE, one a line (- for standard input). Those that somebody owns already stay as they are.

    Exits 0; 1 if some are the other system's; 3 if the store cannot be written.
    """
    digests = _digests(redaction_key_file, store)
    added = others = 0
    for part in _parts(file):
        rows = {
            digest: OwnerRow(digest, entity, System(system), backend, False, time.time())
            for digest in (digests.id(entity, line) for line in part)
        }
        new, other = _written(store, partial(_added, rows=rows, dry_run=dry_run))
        added, others = added + new, others + other
    if not dry_run:
        _changed_by_hand(store)
        audited(store, Action.OWNERS_IMPORTED, by, entity, f"{added} to {system}: {reason}")
    click.echo(
        f"{added:,} {printable(entity)} {'would be' if dry_run else 'are'} {system}'s; {others:,} are the other's"
    )
    if others:
        raise click.exceptions.Exit(REFUSED)


@command.command()
@click.option("--entity", required=True, envvar="STRANGLER_ENTITY", show_envvar=True, help="What they are.")
@click.option("--to", required=True, type=_SYSTEM, envvar="STRANGLER_TO", show_envvar=True, help="Whose they will be.")
@click.option("--backend", required=True, envvar="STRANGLER_BACKEND", show_envvar=True, help="Its backend.")
@click.option(
    "--before",
    required=True,
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]),
    envvar="STRANGLER_BEFORE",
    show_envvar=True,
    help="Only those owned since before this moment, UTC.",
)
@reason_option
@by_option
@dry_run_option
@store_option
def move(
    entity: str, to: str, backend: str, before: datetime, reason: str, by: str | None, dry_run: bool, store: str
) -> None:
    """Hand entities over that the other system has created, once their data has been migrated.

    Exits 0, or 3 if the store cannot be written.
    """
    system, until = System(to), before.replace(tzinfo=UTC).timestamp()
    moved = 0
    while True:
        rows = within(store, lambda transaction: owned_before(transaction, entity, system.other, until, AT_ONCE))
        moved += len(rows)
        if dry_run or not rows:
            break
        ids = [row.id for row in rows]
        within(store, partial(move_owners, ids=ids, system=system, backend=backend))
    if not dry_run:
        _changed_by_hand(store)
        audited(store, Action.OWNERS_MOVED, by, entity, f"{moved} to {system}: {reason}")
    more = " or more" if dry_run and moved == AT_ONCE else ""
    click.echo(f"{moved:,}{more} {printable(entity)} {'would be' if dry_run else 'are'} {system}'s")


def _digests(file: str | None, store: str) -> Digests:
    try:
        return Digests(load_or_create_key(Path(file) if file is not None else key_beside(store)))
    except (EnvironmentFault, OSError, ValueError) as fault:
        fail(f"the redaction key cannot be had: {fault}")


def _parts(file: IO[bytes]) -> Iterator[list[bytes]]:
    lines = (line.strip() for line in file)
    ids = (line for line in lines if 0 < len(line) <= LONGEST)
    while part := list(islice(ids, AT_ONCE)):
        yield part


def _written(store: str, work: Callable[[Transaction], tuple[int, int]]) -> tuple[int, int]:
    """Also where nothing was claimed yet."""
    try:
        return once(claims_url(store), work)
    except StoreError as fault:
        fail(str(fault))


def _added(transaction: Transaction, rows: dict[str, OwnerRow], dry_run: bool) -> tuple[int, int]:
    known = load_owners(transaction, rows)
    new = {digest: row for digest, row in rows.items() if digest not in known}
    if not dry_run:
        save_owners(transaction, new)
    return len(new), sum(row.system is not rows[digest].system for digest, row in known.items())


def _changed_by_hand(store: str) -> None:
    """From now on nothing is certain without the claims."""
    file = imports_file(beside(store))
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
