"""`strangler status`: the running processes, their route table, and what they counted."""

from datetime import timedelta

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from proxy.cli.admin import admin_url_option
from proxy.cli.options import json_option
from proxy.control.answers import StatusAnswer
from proxy.control.client import Unreachable, fetch
from proxy.messages import Stage

ENVIRONMENT_FAILED = 3


@click.command(name="status")
@admin_url_option
@json_option
def command(admin_url: str, as_json: bool) -> None:
    """Show the running processes, their route table, requests and drops.

    Exits 0, or 3 if no strangler answers at the admin URL.
    """
    answer, document = _asked(admin_url)
    if as_json:
        click.echo(document)
    else:
        _print(answer)


def _asked(admin_url: str) -> tuple[StatusAnswer, bytes]:
    try:
        return fetch(admin_url, "/api/v1/status", StatusAnswer)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--admin-url") from error
    except Unreachable as error:
        click.echo(f"error: {error}", err=True)
        raise click.exceptions.Exit(ENVIRONMENT_FAILED) from error


def _print(answer: StatusAnswer) -> None:
    console = Console(highlight=False, soft_wrap=True)
    ready = "ready" if answer.readiness.ready else "NOT READY"
    uptime = timedelta(seconds=int(answer.uptime))
    console.print(_shown(f"strangler {answer.version}, up {uptime}, {ready}: {answer.readiness.reason}"))
    console.print(_shown(_table_line(answer)))
    if answer.table is not None and answer.table.fault is not None:
        console.print(_shown(f"THE FILE IS NOT IN USE: {answer.table.fault}"), style="bold red")
    if answer.overrides:
        console.print(_overrides(answer))
    console.print(_routes(answer))
    console.print(_processes(answer))
    console.print(_requests(answer))
    console.print(_shown(_dropped_line(answer)))


def _shown(text: str) -> Text:
    """Text for a terminal: without markup, and with a sign in place of what a terminal would obey."""
    return Text("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text))


def _table_line(answer: StatusAnswer) -> str:
    table = answer.table
    if table is None:
        return "route table: none loaded"
    drift = "" if table.file_hash in (None, table.hash) else f"; overridden, the file's is {table.file_hash}"
    return f"route table: {table.name} {table.hash}, loaded {table.loaded_at:%Y-%m-%d %H:%M:%SZ}{drift}"


def _dropped_line(answer: StatusAnswer) -> str:
    counts = ", ".join(f"{reason} {count}" for reason, count in answer.dropped.items())
    return f"dropped: {counts or 'nothing'}"


def _overrides(answer: StatusAnswer) -> Table:
    table = Table("override", "stage", "ends", "by", "reason", "ticket")
    for each in answer.overrides:
        ends = f"{each.ends:%Y-%m-%d %H:%M:%SZ}"
        cells = (each.subject or "all routes", _stage(each.stage, each.weight), ends, each.by, each.reason)
        table.add_row(*map(_shown, (*cells, each.ticket or "-")))
    return table


def _routes(answer: StatusAnswer) -> Table:
    table = Table("route", "stage", "the file says", "group", "legacy", "candidate")
    for each in answer.routes:
        drift = "" if each.file_stage in (None, each.stage) else each.file_stage
        cells = (each.name, _stage(each.stage, each.weight), drift or "the same", each.group, each.legacy)
        table.add_row(*map(_shown, (cell or "-" for cell in (*cells, each.candidate))))
    return table


def _stage(stage: Stage, weight: float | None) -> str:
    return stage.value if weight is None else f"{stage.value} {weight:g} %"


def _processes(answer: StatusAnswer) -> Table:
    table = Table("process", "pid", "state", "restarts", "route table", "started")
    for process in answer.processes:
        started = f"{process.started_at:%Y-%m-%d %H:%M:%SZ}" if process.started_at else "-"
        name, pid = f"{process.role.value} {process.index}", str(process.pid or "-")
        cells = (name, pid, process.state.value, str(process.restarts), process.table_hash or "-", started)
        table.add_row(*map(_shown, cells))
    return table


def _requests(answer: StatusAnswer) -> Table:
    table = Table("route", "system", "requests", "by status")
    for count in answer.requests:
        classes = ", ".join(f"{name} {number}" for name, number in sorted(count.by_code_class.items()))
        table.add_row(*map(_shown, (count.route or "(no route)", count.system, str(count.total), classes)))
    return table
