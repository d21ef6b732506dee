"""`strangler twins`: what shadows call the entities that the primary calls otherwise."""

import asyncio
import getpass
import time
from pathlib import Path

import click

from proxy.cli.options import config_option, store_option
from proxy.cli.reading import fail
from proxy.config.errors import ConfigErrors
from proxy.config.load import load
from proxy.evidence.entry import Action, Entry
from proxy.messages import System
from proxy.redaction import load_or_create_key
from proxy.runtime.importing import Import, ImportFault, imported, read_pairs
from proxy.runtime.sockets import EnvironmentFault
from proxy.runtime.storing import key_beside
from proxy.store.errors import StoreError


@click.group(name="twins")
def command() -> None:
    """What shadows call the entities that the primary calls otherwise."""


@command.command(name="import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--backend", required=True, envvar="STRANGLER_BACKEND", show_envvar=True, help="The sandbox.")
@click.option(
    "--system",
    type=click.Choice([str(each) for each in System]),
    default=str(System.LEGACY),
    show_default=True,
    envvar="STRANGLER_SYSTEM",
    show_envvar=True,
    help="Whose ids the primary's are.",
)
@click.option("--reason", required=True, envvar="STRANGLER_REASON", help="Why; it stands in the audit log.")
@click.option("--by", default=None, envvar="STRANGLER_BY", help="Who; you, if left out.")
@click.option("--dry-run", is_flag=True, envvar="STRANGLER_DRY_RUN", show_envvar=True, help="Only check the file.")
@click.option(
    "--redaction-key-file",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="STRANGLER_REDACTION_KEY_FILE",
    show_envvar=True,
    help="The key that `strangler serve` uses; beside an SQLite store if left out.",
)
@config_option
@store_option
def import_(
    file: Path,
    backend: str,
    system: str,
    reason: str,
    by: str | None,
    dry_run: bool,
    redaction_key_file: Path | None,
    config: str,
    store: str,
) -> None:
    """Tell the runners which ids of a cloned sandbox are whose: FILE holds one JSON object a line, like
    {"entity": "payment", "primary": "pay_1", "twin": "pay_9"}.

    A twin that is known already stays. Exits 0; 1 if a line is wrong, and then nothing is taken; 2 if the route table
    is invalid; 3 if the store or the key cannot be used.
    """
    try:
        table = load(config)
    except ConfigErrors as errors:
        click.echo(str(errors), err=True)
        raise click.exceptions.Exit(2) from None
    try:
        pairs = read_pairs(file, table, backend)
        if not dry_run:
            key = load_or_create_key(redaction_key_file or key_beside(store))
            who = by or getpass.getuser()
            entry = Entry(time.time(), who, Action.TWINS_IMPORT, backend, reason, None, "", f"{len(pairs)} twins")
            asyncio.run(imported(Import(store, key, backend, System(system), pairs, entry)))
    except ImportFault as fault:
        click.echo(f"error: {fault}", err=True)
        raise click.exceptions.Exit(1) from None
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None
    except (StoreError, EnvironmentFault) as fault:
        fail(str(fault))
    click.echo(f"{len(pairs)} twins {'can be' if dry_run else 'were'} imported for {backend}")
