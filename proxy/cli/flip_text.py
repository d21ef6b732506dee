"""What a flip did, or would do, for people and for programs."""

from dataclasses import dataclass

import click
from rich.console import Console

from proxy.cli.documents import document
from proxy.cli.moves_text import print_moves
from proxy.cli.words import printable, shown
from proxy.config.edit import Edit, Standing
from proxy.routing.moves import Move, moves


@dataclass(frozen=True, slots=True)
class Flipped:
    """A flip for programs. `applied`: whether the file was replaced; `audit`: the number of its entry in the log."""

    file: str
    kind: str
    name: str
    before: Standing
    after: Standing
    applied: bool
    table_before: str
    table_after: str
    annotation: str | None
    patch: str
    moves: tuple[Move, ...]
    audit: int | None
    warning: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: `applied` to the file; the number of the entry in the audit log, or why there is none."""

    applied: bool = False
    audit: int | None = None
    warning: str | None = None


def as_json(file: str, edit: Edit, patch: str, done: Written) -> str:
    """One JSON object."""
    flipped = Flipped(
        file=file,
        kind=edit.subject.kind,
        name=edit.subject.name,
        before=edit.subject.standing,
        after=edit.to,
        applied=done.applied,
        table_before=edit.old_table.hash,
        table_after=edit.new_table.hash,
        annotation=None if edit.annotation is None else str(edit.annotation),
        patch=patch,
        moves=moves(edit.old_table, edit.new_table),
        audit=done.audit,
        warning=done.warning,
    )
    return document(flip=flipped)


def print_flip(console: Console, file: str, edit: Edit, patch: str, done: Written) -> None:
    """What moves; the patch too if it was not applied."""
    if not edit.changes:
        console.print(shown(f"{edit.subject} is in stage {edit.to} already; nothing was changed"))
        return
    if not done.applied:
        click.echo(printable(patch.replace("\r\n", "\n")), file=console.file)
    console.print(shown(f"{edit.subject}: {edit.subject.standing} -> {edit.to}", "bold"))
    print_moves(console, moves(edit.old_table, edit.new_table))
    console.print(shown(_end(file, edit, done)))


def _end(file: str, edit: Edit, done: Written) -> str:
    if not done.applied:
        return f"dry run: {file} was not changed"
    entry = f"; audit entry {done.audit}" if done.audit is not None else ""
    return f"{file} is written: table {edit.old_table.hash} -> {edit.new_table.hash}{entry}"
