"""`strangler audit`: who changed where payments go, and whether anybody changed that log since."""

import asyncio
import re
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Final, TypeVar

import click

from proxy.cli.audit_text import Verdict, print_rows, rows_document
from proxy.cli.options import json_option, limit_option, store_option
from proxy.cli.reading import fail
from proxy.config.values import parse_duration
from proxy.evidence.chain import Chain, Head, Link
from proxy.evidence.entry import Action
from proxy.store.audit import AuditLog, open_audit
from proxy.store.audit_file import line, verify_file, written
from proxy.store.errors import StoreError

CHECK_FAILED: Final = 1
_DAYS: Final = re.compile(r"([0-9]{1,5})d(.*)")
_HASH: Final = re.compile(r"[0-9a-f]{64}")

T = TypeVar("T")


def _since(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    try:
        return None if value is None else max(0.0, time.time() - _seconds(value))
    except ValueError as fault:
        raise click.BadParameter(f"{fault}; 7d is 7 days") from fault


def _seconds(value: str) -> float:
    days = _DAYS.fullmatch(value)
    if days is None:
        return parse_duration(value)
    return int(days[1]) * 86_400 + (parse_duration(days[2]) if days[2] else 0.0)


def _hash(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not _HASH.fullmatch(value):
        raise click.BadParameter("a head is 64 hexadecimal digits, as `strangler audit verify` prints it")
    return value


@click.group(name="audit")
def command() -> None:
    """Who changed where payments go, when and why; and whether anybody changed that log since."""


@command.command(name="list")
@limit_option(50, 10_000, "entries ")
@click.option(
    "--action",
    type=click.Choice([str(each) for each in Action]),
    envvar="STRANGLER_AUDIT_ACTION",
    show_envvar=True,
    help="Only entries of this kind.",
)
@click.option(
    "--subject", envvar="STRANGLER_AUDIT_SUBJECT", show_envvar=True, help="Only entries on this route or group."
)
@click.option(
    "--since",
    callback=_since,
    metavar="DURATION",
    envvar="STRANGLER_SINCE",
    show_envvar=True,
    help="Only the last 7d, 1h, 1h30m.",
)
@json_option
@store_option
def listing(
    limit: int, action: str | None, subject: str | None, since: float | None, as_json: bool, store: str
) -> None:
    """Show entries, the youngest first, as they stand; `verify` says whether they can be believed.

    Exits 0, or 3 if the store cannot be read.
    """
    rows = _asked(store, lambda log: log.latest(limit, action, subject, since))
    if as_json:
        click.echo(rows_document(rows))
    else:
        print_rows(rows)


@command.command()
@click.option(
    "--head",
    callback=_hash,
    metavar="HASH",
    envvar="STRANGLER_AUDIT_HEAD",
    show_envvar=True,
    help="A head that was noted earlier: it must still be in the chain.",
)
@click.option(
    "--number",
    type=click.IntRange(0),
    envvar="STRANGLER_AUDIT_NUMBER",
    show_envvar=True,
    help="The number of that head's row.",
)
@click.option(
    "--file",
    "export_file",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="STRANGLER_AUDIT_FILE",
    show_envvar=True,
    help="Check this export instead of a store.",
)
@json_option
@store_option
def verify(head: str | None, number: int | None, export_file: Path | None, as_json: bool, store: str) -> None:
    """Check that no entry was edited, deleted, added or moved, and print the chain's head: note it elsewhere, and give
    it with --head later, since who may rewrite the whole log can also rewrite its end.

    Exits 0 if the log is whole, 1 if not (each fault is named), or 3 if it cannot be read.
    """
    if number is not None and head is None:
        raise click.UsageError("--number is the number of a head; give its hash with --head")
    chain = Chain(None if head is None else Head(number, head))
    verdict = Verdict(chain)
    if export_file is None:
        _asked(store, lambda log: verdict.follow(log.verify(chain)))
    else:
        verdict.add(verify_file(export_file, chain))
    click.echo(verdict.document() if as_json else verdict.text())
    _end(verdict)


@command.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="STRANGLER_OUTPUT",
    show_envvar=True,
    help="Write to this file, for its owner only, instead of standard output.",
)
@store_option
def export(output: Path | None, store: str) -> None:
    """Write the whole log as JSON, one entry a line. `strangler audit verify --file` checks it without a store.

    Exits 0, 1 if the log is not whole (what there is is written, and each fault named), or 3 if the store cannot be
    read or the file not be written.
    """
    verdict = Verdict(Chain())
    with nullcontext(sys.stdout.buffer) if output is None else written(output) as file:
        _asked(store, lambda log: verdict.follow(log.verify(verdict.chain, _writer(file))))
    click.echo(verdict.text(), err=True)
    _end(verdict)


def _writer(file: IO[bytes]) -> Callable[[int, Link | None], object]:
    return lambda number, link: file.write(line(number, link))


def _asked(url: str, question: Callable[[AuditLog], Awaitable[T]]) -> T:
    async def asked() -> T:
        async with open_audit(url) as log:
            return await question(log)

    try:
        return asyncio.run(asked())
    except StoreError as error:
        fail(str(error))


def _end(verdict: Verdict) -> None:
    if not verdict.whole:
        raise click.exceptions.Exit(CHECK_FAILED)
