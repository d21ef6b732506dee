"""`strangler db`: the store's schema."""

import asyncio

import click

from proxy.cli.options import store_option
from proxy.cli.reading import fail
from proxy.store.errors import StoreError
from proxy.store.tables import SCHEMA
from proxy.store.upgrade import needs_upgrade
from proxy.store.upgrade import upgrade as upgrade_store
from proxy.store.url import shown


@click.group(name="db")
def command() -> None:
    """The store's schema."""


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
