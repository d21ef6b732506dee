"""`strangler db`: the store's schema, and what goes of it in time."""

import asyncio
import time

import click

from proxy.cli.options import age, size, store_option
from proxy.cli.reading import fail
from proxy.cli.words import moment
from proxy.store.errors import StoreError
from proxy.store.keep import Keep
from proxy.store.retention import Pruned, plan
from proxy.store.retention import prune as prune_store
from proxy.store.tables import SCHEMA
from proxy.store.upgrade import needs_upgrade
from proxy.store.upgrade import upgrade as upgrade_store
from proxy.store.url import shown


@click.group(name="db")
def command() -> None:
    """The store's schema and its size."""


@command.command()
@click.option(
    "--dry-run", is_flag=True, envvar="STRANGLER_DRY_RUN", show_envvar=True, help="Only say what would be done."
)
@store_option
def upgrade(dry_run: bool, store: str) -> None:
    """Bring the store to the schema of this strangler; make it if there is none.

    Exits 0, or 3 if the store cannot be used, or is of a newer schema.
    """
    try:
        if dry_run:
            done = "would be upgraded to" if asyncio.run(needs_upgrade(store)) else "is already at"
        else:
            done = "is now at" if asyncio.run(upgrade_store(store)) else "was already at"
    except StoreError as error:
        fail(str(error))
    click.echo(f"{shown(store)} {done} schema {SCHEMA}")


@command.command()
@click.option(
    "--older-than",
    callback=age,
    envvar="STRANGLER_OLDER_THAN",
    show_envvar=True,
    help="Remove exchanges that began longer ago, like 30d, 12h or 1h30m.",
)
@click.option(
    "--max-bytes",
    callback=size,
    envvar="STRANGLER_MAX_BYTES",
    show_envvar=True,
    help="Remove the oldest exchanges until what is left takes no more, like 20GB.",
)
@click.option(
    "--dry-run", is_flag=True, envvar="STRANGLER_DRY_RUN", show_envvar=True, help="Only say what would be removed."
)
@store_option
def prune(older_than: float | None, max_bytes: int | None, dry_run: bool, store: str) -> None:
    """Remove old exchanges with their bodies; counters, findings and the audit log stay.

    In small steps, beside a running strangler. Exits 0, or 3 if the store cannot be used.
    """
    keep = Keep(older_than, max_bytes)
    if keep.is_everything:
        raise click.UsageError("say what may go: --older-than 30d, --max-bytes 20GB, or both")
    try:
        done = asyncio.run((plan if dry_run else prune_store)(store, keep, time.time()))
    except StoreError as error:
        fail(str(error))
    click.echo(_told(done, dry_run))


def _told(done: Pruned, dry_run: bool) -> str:
    left = f"about {done.remaining / 1e6:,.1f} MB are left"
    if done.before is None:
        return f"nothing is old enough or too much; {left}"
    what = f"about {done.exchanges:,} exchanges from before {moment(done.before)}, {done.bytes / 1e6:,.1f} MB"
    return f"{'would be removed' if dry_run else 'removed'}: {what}; {left}"
