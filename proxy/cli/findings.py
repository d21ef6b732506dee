"""`strangler findings`: what differs, one entry a cause; and what was decided about it, by whom and until when."""

import asyncio
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import click
from rich.console import Console

from proxy.cli.documents import document
from proxy.cli.findings_text import print_decision, print_findings
from proxy.cli.flip import user
from proxy.cli.options import json_option, limit_option, store_option
from proxy.cli.reading import ask, fail
from proxy.cli.words import no_exchanges, printable
from proxy.config.values import parse_duration
from proxy.evidence.findings import Decided, Decision
from proxy.store.answers import Finding
from proxy.store.decisions import decide
from proxy.store.errors import StoreError
from proxy.store.queries import Queries

_DAYS: Final = re.compile(r"([0-9]{1,5})d")
_BEGINNING: Final = re.compile(r"[0-9a-f]{4,32}")
_DAY: Final = 86_400.0


def _until(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """Unix seconds of a day (the end of it, in UTC), a moment, or a duration from now."""
    if value is None:
        return None
    now = time.time()
    try:
        ends = _moment(value, now)
    except ValueError:
        raise click.BadParameter("say a day like 2027-01-31, a moment of ISO 8601 with its zone, or 30d") from None
    if ends <= now:
        raise click.BadParameter(f"{value} is over; an acceptance ends in the future")
    return ends


def _moment(value: str, now: float) -> float:
    days = _DAYS.fullmatch(value)
    if days is not None:
        return now + int(days[1]) * _DAY
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp() + _DAY
    if value[:1].isdigit() and "-" in value:
        read = datetime.fromisoformat(value)
        if read.tzinfo is None:
            raise ValueError(value)
        return read.timestamp()
    return now + parse_duration(value)


def _id(_: click.Context, __: click.Parameter, value: str) -> str:
    if not _BEGINNING.fullmatch(value):
        raise click.BadParameter("an id is 32 hexadecimal digits, or at least its first 4, as a report prints it")
    return value


@click.group(name="findings")
def command() -> None:
    """What differs, one entry a cause: open, accepted for a while, fixed, or regressed."""


@command.command(name="list")
@click.argument("route", required=False, envvar="STRANGLER_ROUTE")
@limit_option(20, 1000)
@json_option
@store_option
def listing(route: str | None, limit: int, as_json: bool, store: str) -> None:
    """Show findings, the unexplained first: how often, since when, where they stand, with up to five example pairs.

    Exits 0, or 3 if the store cannot be read.
    """
    findings, routes = ask(store, lambda queries: _asked(queries, route, limit))
    if as_json:
        click.echo(document(findings=findings, routes=routes))
    elif findings:
        print_findings(Console(highlight=False, soft_wrap=True), findings)
    elif not routes or (route is not None and route not in routes):
        click.echo(no_exchanges(route, routes))
    else:
        click.echo(f"no findings{f' on route {printable(route)}' if route else ''}.")


async def _asked(queries: Queries, route: str | None, limit: int) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    return await queries.findings(route, limit), await queries.routes()


def _decision(function: Callable[..., None]) -> Callable[..., None]:
    """The options that every decision has."""
    options = [
        click.argument("finding", callback=_id, metavar="ID", envvar="STRANGLER_FINDING"),
        click.option(
            "--reason",
            required=True,
            envvar="STRANGLER_REASON",
            show_envvar=True,
            help="Why, in at most 1,000 characters; it goes into the audit log.",
        ),
        click.option(
            "--by", envvar="STRANGLER_BY", show_envvar=True, help="Who decides; the user of this machine if left out."
        ),
        click.option(
            "--dry-run", is_flag=True, envvar="STRANGLER_DRY_RUN", show_envvar=True, help="Only say what would be done."
        ),
        json_option,
        store_option,
    ]
    for option in reversed(options):
        function = option(function)
    return function


@command.command()
@click.option(
    "--until",
    required=True,
    callback=_until,
    envvar="STRANGLER_UNTIL",
    show_envvar=True,
    help="When it is open again: 2027-01-31, a moment of ISO 8601, or 30d.",
)
@_decision
def accept(finding: str, reason: str, until: float, by: str | None, dry_run: bool, as_json: bool, store: str) -> None:
    """Accept a difference for a while. It is counted on, and said to be accepted, until that day.

    Exits 0, 2 if no finding or several have this id, or 3 if the store cannot be written.
    """
    _decide(store, finding, Decided(Decision.ACCEPT, time.time(), by or user(), reason, until), dry_run, as_json)


@command.command()
@_decision
def fix(finding: str, reason: str, by: str | None, dry_run: bool, as_json: bool, store: str) -> None:
    """Say that a difference is mended, when the candidate that mends it is there. Seen again, it has regressed.

    Exits 0, 2 if no finding or several have this id, or 3 if the store cannot be written.
    """
    _decide(store, finding, Decided(Decision.FIX, time.time(), by or user(), reason), dry_run, as_json)


@command.command()
@_decision
def reopen(finding: str, reason: str, by: str | None, dry_run: bool, as_json: bool, store: str) -> None:
    """Take back what was decided.

    Exits 0, 2 if no finding or several have this id, or 3 if the store cannot be written.
    """
    _decide(store, finding, Decided(Decision.REOPEN, time.time(), by or user(), reason), dry_run, as_json)


def _decide(store: str, beginning: str, decided: Decided, dry_run: bool, as_json: bool) -> None:
    finding = _one(ask(store, lambda queries: queries.finding(beginning)), beginning)
    try:
        number = None if dry_run else asyncio.run(decide(store, finding, decided))
    except StoreError as fault:
        fail(str(fault))
    except ValueError as fault:
        raise click.UsageError(str(fault)) from fault
    if as_json:
        click.echo(document(finding=finding.field.id, route=finding.route, decided=decided, audit=number))
    else:
        print_decision(finding, decided, number)


def _one(found: tuple[Finding, ...], beginning: str) -> Finding:
    if not found:
        message = f"no finding has an id that begins with {beginning}; `strangler findings list` names them"
        raise click.BadParameter(message, param_hint="ID")
    if len(found) > 1:
        names = ", ".join(each.field.id for each in found)
        raise click.BadParameter(f"{beginning} is the beginning of several: {names}", param_hint="ID")
    return found[0]
