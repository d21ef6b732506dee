"""What the commands on claims share: a transaction on their store, an entry in the audit log, and exit 3 when there is
no such store.
"""

import asyncio
import getpass
import time
from collections.abc import Callable
from typing import TypeVar

import click

from proxy.cli.reading import fail
from proxy.evidence.entry import REASON, TEXT, Action, Entry
from proxy.store.audit import append
from proxy.store.claims import Transaction, once
from proxy.store.errors import StoreError
from proxy.store.url import claims_url, shown, sqlite_path

T = TypeVar("T")

by_option = click.option("--by", envvar="STRANGLER_BY", show_envvar=True, help="Who; you, if left out.")
reason_option = click.option(
    "--reason", required=True, envvar="STRANGLER_REASON", show_envvar=True, help="Why; it stands in the audit log."
)
dry_run_option = click.option(
    "--dry-run", is_flag=True, envvar="STRANGLER_DRY_RUN", show_envvar=True, help="Only say what would be changed."
)


def within(store: str, work: Callable[[Transaction], T]) -> T:
    """What `work` gives, in one transaction on the claims that go with a store; ends the command if there are none."""
    try:
        url = claims_url(store)
        path = sqlite_path(url)
        if path is not None and not path.exists():
            fail(f"there are no claims that go with {shown(store)}: no strangler has pinned or owned anything there")
        return once(url, work)
    except StoreError as error:
        fail(str(error))


def audited(store: str, action: Action, by: str | None, subject: str, reason: str, details: str = "{}") -> None:
    """Enters what was done in the audit log; what cannot be entered is said."""
    entry = Entry(
        time.time(), (by or getpass.getuser())[:TEXT], action, subject[:TEXT], reason[:REASON], None, "", "", details
    )
    try:
        asyncio.run(append(store, entry))
    except (StoreError, OSError) as fault:
        click.echo(f"warning: it is done, but the audit log has no entry of it: {fault}", err=True)
