"""`strangler flip`: a route or group to another stage or weight, in the file, with who and why."""

import asyncio
import getpass
import json
import os
import sys
from datetime import UTC, datetime
from typing import NoReturn

import click
from rich.console import Console

from proxy.cli import flip_text
from proxy.cli.flip_text import Written
from proxy.cli.options import config_option, json_option, store_option
from proxy.cli.reading import fail
from proxy.config.edit import Edit, EditRefused, Note, Standing, flip
from proxy.config.errors import ConfigErrors, printable
from proxy.config.patch import name_in_patch, unified
from proxy.config.swap import Changed, Held, hold, replace
from proxy.messages import Stage
from proxy.runtime.guarding import leavers, objection
from proxy.store.audit import Action, Entry, append
from proxy.store.errors import StoreError
from proxy.store.url import sqlite_path

INVALID = 2
NO_STORE = "there is no store at {store}: the server that reads the file enters the flip in its audit log"

_STAGES = click.Choice([stage.value for stage in Stage])


@click.command(name="flip")
@click.argument("name", metavar="ROUTE|GROUP", envvar="STRANGLER_ROUTE")
@click.argument("stage", required=False, type=_STAGES)
@click.option("--to", type=_STAGES, envvar="STRANGLER_TO", show_envvar=True, help="The stage, if not said by itself.")
@click.option(
    "--weight",
    type=float,
    metavar="PCT",
    envvar="STRANGLER_WEIGHT",
    show_envvar=True,
    help="The candidate's share in stage canary, above 0 and at most 100.",
)
@click.option(
    "--reason",
    required=True,
    envvar="STRANGLER_REASON",
    show_envvar=True,
    help="Why, in at most 200 characters; it goes into the file and the audit log.",
)
@click.option("--ticket", envvar="STRANGLER_TICKET", show_envvar=True, help="Where it was agreed; goes there too.")
@click.option("--by", envvar="STRANGLER_BY", show_envvar=True, help="Who flips; the user of this machine if left out.")
@click.option(
    "--break-glass",
    is_flag=True,
    envvar="STRANGLER_BREAK_GLASS",
    show_envvar=True,
    help="Also if the writes have not been pinned for as long as a pin lasts; the file and the audit log say so.",
)
@config_option
@click.option("--dry-run", is_flag=True, envvar="STRANGLER_DRY_RUN", show_envvar=True, help="Only say what would move.")
@click.option(
    "--patch",
    is_flag=True,
    envvar="STRANGLER_PATCH",
    show_envvar=True,
    help="Only print the patch, for `git apply` or `patch -p1`.",
)
@json_option
@store_option
def command(
    name: str,
    stage: str | None,
    to: str | None,
    weight: float | None,
    reason: str,
    ticket: str | None,
    by: str | None,
    break_glass: bool,
    config: str,
    dry_run: bool,
    patch: bool,
    as_json: bool,
    store: str,
) -> None:
    """Flip a route or a group to a stage: `strangler flip create-payment canary --weight 5 --reason "gate passed"`.

    Exactly the lines of its stage and weight are edited, a comment above says who and why, and the file is replaced
    only if nothing else in it changes. Exits 0, also if it stands there already; 2 if the flip is refused or the file
    is invalid; 3 if the file cannot be written or was changed meanwhile. An audit log that cannot be written is a
    warning: the comment in the file is the record.
    """
    standing, note = _standing(stage, to, weight), _note(by or user(), reason, ticket, break_glass)
    held = _held(config)
    edit, difference = _worked_out(held, name, standing, note)
    _mind_pins(edit, note, store)
    if patch and not as_json:
        return _print_patch(edit, difference)
    done = Written() if patch or dry_run or not edit.changes else _written(held, edit, note, store)
    _print(config, edit, difference, done, as_json)


def _standing(stage: str | None, to: str | None, weight: float | None) -> Standing:
    if stage is not None and to is not None and stage != to:
        raise click.UsageError(f"say one stage: {stage}, or {to}")
    word = stage or to
    if word is None:
        raise click.UsageError(f"say the stage: {', '.join(Stage)}")
    return Standing(Stage(word), weight)


def _note(by: str, reason: str, ticket: str | None, break_glass: bool) -> Note:
    try:
        return Note(by, datetime.now(UTC), reason, ticket, break_glass)
    except ValueError as fault:
        raise click.UsageError(str(fault)) from fault


def user() -> str:
    """Who runs this command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"


def _held(config: str) -> Held:
    try:
        held = hold(config)
        held.content.decode()
    except UnicodeDecodeError as fault:
        _refuse(f"{config} is not UTF-8: byte {fault.start} cannot be read")
    except (OSError, ValueError) as fault:
        _refuse(f"{config} cannot be read: {getattr(fault, 'strerror', None) or fault}")
    return held


def _worked_out(held: Held, name: str, standing: Standing, note: Note) -> tuple[Edit, str]:
    try:
        edit = flip(held.text, name, standing, note, held.name, os.environ)
        return edit, unified(edit.old_text, edit.new_text, name_in_patch(held.path))
    except ConfigErrors as error:
        click.echo(str(error), err=True)
        raise click.exceptions.Exit(INVALID) from error
    except EditRefused as error:
        _refuse(str(error))


def _mind_pins(edit: Edit, note: Note, store: str) -> None:
    """Refuses a flip that would leave legacy before its writes were pinned long enough, if the store is at hand."""
    leaving = [] if note.break_glass else list(leavers(edit.old_table, edit.new_table))
    try:
        path = sqlite_path(store)
        if not leaving or (path is not None and not path.exists()):  # the server that reads the file minds them too
            return
        reason = objection(leaving, store, note.at.timestamp())
    except StoreError as fault:
        fail(str(fault))
    if reason is not None:
        _refuse(reason)


def _written(held: Held, edit: Edit, note: Note, store: str) -> Written:
    try:
        replace(held, edit.new_text)
    except Changed as fault:
        fail(str(fault))
    except OSError as fault:
        fail(f"{held.name} cannot be written: {fault.strerror}")
    try:
        file = sqlite_path(store)
        if file is not None and not file.exists():
            return Written(applied=True, warning=NO_STORE.format(store=printable(store)))
        return Written(applied=True, audit=asyncio.run(append(store, _entry(edit, note))))
    except (StoreError, OSError) as fault:
        warning = (
            f"the flip stands, but the audit log has no entry of it: {fault}; the comment in the file is its record"
        )
        return Written(applied=True, warning=printable(warning))


def _entry(edit: Edit, note: Note) -> Entry:
    before, after = edit.subject.standing, edit.to
    details = {
        "kind": edit.subject.kind,
        "from": {"stage": before.stage, "weight": before.weight},
        "to": {"stage": after.stage, "weight": after.weight},
        **({"breakGlass": True} if note.break_glass else {}),
    }
    return Entry(
        at=note.at.timestamp(),
        actor=note.by,
        action=Action.FLIP,
        subject=edit.subject.name,
        reason=note.reason,
        ticket=note.ticket,
        before=edit.old_table.hash,
        after=edit.new_table.hash,
        details=json.dumps(details),
    )


def _print_patch(edit: Edit, difference: str) -> None:
    if not edit.changes:
        click.echo(f"{edit.subject} is in stage {edit.to} already; the patch is empty", err=True)
    click.echo(difference.encode(), nl=False)


def _print(config: str, edit: Edit, difference: str, done: Written, in_json: bool) -> None:
    if done.warning is not None:
        click.echo(f"warning: {done.warning}", err=True)
    if in_json:
        click.echo(flip_text.as_json(config, edit, difference, done))
    else:
        flip_text.print_flip(Console(highlight=False, soft_wrap=True, file=sys.stdout), config, edit, difference, done)


def _refuse(message: str) -> NoReturn:
    click.echo(f"error: {message}", err=True)
    raise click.exceptions.Exit(INVALID)
