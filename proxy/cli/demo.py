"""`strangler demo`: legacy, candidate, proxy and traffic, then the report."""

import asyncio
import signal
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from proxy.cli.reading import fail
from proxy.cli.report_text import print_report
from proxy.runtime import demo
from proxy.runtime.sockets import Endpoint, EnvironmentFault
from proxy.store.queries import open_queries

CHECK_FAILED = 1
FEWEST, MOST = 40, 100_000
FOLDER = Path(".strangler/demo")
"""Where the demo keeps its database, store and logs until the next demo; relative to the working directory."""
_ANY = Endpoint("127.0.0.1", 0)
_SERVED, _SERVED_ADMIN = Endpoint("127.0.0.1", 8080), Endpoint("127.0.0.1", 8081)


@click.command(name="demo")
@click.option(
    "--serve",
    "keep",
    is_flag=True,
    envvar="STRANGLER_SERVE",
    show_envvar=True,
    help="Leave everything up until Ctrl-C.",
)
@click.option(
    "--requests",
    type=click.IntRange(FEWEST, MOST),
    default=600,
    show_default=True,
    envvar="STRANGLER_REQUESTS",
    show_envvar=True,
    help="How many requests to send.",
)
def command(keep: bool, requests: int) -> None:
    """Start a Django monolith, the FastAPI service that replaces it, and the proxy between; send traffic; report.

    Exits 0 if the report names every mistake planted in the service and no other, and every copy was compared; 1 if
    not; 3 if something cannot be started.
    """
    console = Console(highlight=False, file=sys.stdout)
    try:
        folder = demo.emptied(FOLDER)
        exact = asyncio.run(_run(folder, console, keep, requests))
    except EnvironmentFault as fault:
        fail(str(fault))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return
    if not exact:
        raise click.exceptions.Exit(CHECK_FAILED)


async def _run(folder: Path, console: Console, keep: bool, requests: int) -> bool:
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)  # else what it started would outlive it
    addresses = (_SERVED, _SERVED_ADMIN) if keep else (_ANY, _ANY)
    async with demo.running(folder, lambda text: click.echo(f"==> {text}", err=True), *addresses) as where:
        as_planned = await _drive(where, requests)
        await demo.settled(where)
        async with open_queries(where.store) as queries:
            report = await queries.report(None, None)
        print_report(console, report)
        outcome = demo.judged(report)
        _print_outcome(console, outcome)
        variables = f"STRANGLER_STORE=sqlite:///{FOLDER}/strangler.db STRANGLER_CONFIG={FOLDER}/routes.yaml"
        click.echo(f"==> to look closer: export {variables}", err=True)
        if keep:
            click.echo(f"==> all of it stays up until Ctrl-C: {where.proxy}, admin {where.admin}", err=True)
            await asyncio.Event().wait()
    return as_planned and outcome.is_exact


async def _drive(where: demo.Running, requests: int) -> bool:
    columns = (TextColumn("==> {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=sys.stderr)) as progress:
        task = progress.add_task("sending traffic", total=requests)
        summary = await demo.part("traffic").drive(
            where.proxy, requests, 1, progress=lambda done, total: progress.update(task, completed=done, total=total)
        )
    for surprise in summary.surprises:
        click.echo(f"unexpected: {surprise}", err=True)
    statuses = ", ".join(f"{number} x {status}" for status, number in summary.statuses)
    click.echo(f"==> {summary.requests} requests answered through the proxy: {statuses}", err=True)
    return bool(summary.unexpected == 0)


def _print_outcome(console: Console, outcome: demo.Outcome) -> None:
    total = len(outcome.found) + len(outcome.missed)
    console.print(f"\n[bold]{len(outcome.found)} of {total} planted mistakes found[/bold]", markup=True)
    for what in outcome.found:
        console.print(f"  found   {what}", markup=False)
    for what in outcome.missed:
        console.print(f"  MISSED  {what}", markup=False)
    for what in outcome.others:
        console.print(f"  NOT PLANTED  {what}", markup=False)
    for what in outcome.uncompared:
        console.print(f"  NOT COMPARED  {what}", markup=False)
    if outcome.is_exact:
        console.print("and no other finding.")
