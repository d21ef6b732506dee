"""`strangler rearm`: writes are copied to a sandbox again that was stopped."""

import asyncio
import getpass
import time

import click

from proxy.cli.documents import document
from proxy.cli.options import json_option, store_option
from proxy.cli.reading import fail
from proxy.evidence.entry import Action, Entry
from proxy.store.errors import StoreError
from proxy.store.twin import Sandbox
from proxy.store.twins import rearm


@click.command(name="rearm")
@click.argument("backend")
@click.option("--reason", required=True, envvar="STRANGLER_REASON", help="Why it may be written to again.")
@click.option("--by", default=None, envvar="STRANGLER_BY", help="Who; you, if left out.")
@click.option("--ticket", envvar="STRANGLER_TICKET", help="The ticket that it belongs to.")
@click.option("--dry-run", is_flag=True, envvar="STRANGLER_DRY_RUN", show_envvar=True, help="Only say how it stands.")
@json_option
@store_option
def command(
    backend: str, reason: str, by: str | None, ticket: str | None, dry_run: bool, as_json: bool, store: str
) -> None:
    """Copy writes to BACKEND again, which an answer without attestation has stopped on all runners.

    Look first why it answered so: it may be no sandbox any more. They are copied within a second, once it attests; what
    was written meanwhile is missing there, so that its entities stay inconclusive. Exits 0, also if it was not stopped;
    3 if the store cannot be used.
    """
    try:
        entry = Entry(time.time(), by or getpass.getuser(), Action.REARM, backend, reason, ticket, "stopped", "armed")
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None
    try:
        before = asyncio.run(rearm(store, backend, None if dry_run else entry))
    except StoreError as error:
        fail(str(error))
    click.echo(document(rearm=before) if as_json else _said(backend, before, dry_run))


def _said(backend: str, before: Sandbox | None, dry_run: bool) -> str:
    if before is None or before.stopped is None:
        return f"{backend} is not stopped"
    since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(before.stopped))
    return f"{backend} {'is' if dry_run else 'was'} stopped since {since}: {before.reason}" + (
        "" if dry_run else "; it is armed again"
    )
