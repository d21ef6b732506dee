"""`strangler plan`: what a new route table moves, how much of the traffic that is, and what of it is dangerous."""

import asyncio
import sys
import time
from dataclasses import dataclass

import click
from rich.console import Console

from proxy.cli.documents import document
from proxy.cli.moves_text import ONLY_SHADOWED, print_moves, summary
from proxy.cli.options import duration, json_option, store_option
from proxy.cli.words import moment, shown
from proxy.config.errors import ConfigErrors
from proxy.config.load import load
from proxy.routing.moves import WITHOUT_EVIDENCE, Evidence, Move, moves
from proxy.routing.table import RouteTable
from proxy.store.errors import StoreError
from proxy.store.traffic import Traffic, recent_traffic

CHECK_FAILED = 1


@dataclass(frozen=True, slots=True)
class Named:
    """A route table for programs."""

    file: str
    name: str
    hash: str


@click.command(name="plan")
@click.argument("old", envvar="STRANGLER_OLD")
@click.argument("new", envvar="STRANGLER_NEW")
@click.option(
    "--since",
    default="1h",
    show_default=True,
    callback=duration,
    metavar="DURATION",
    envvar="STRANGLER_SINCE",
    show_envvar=True,
    help="Traffic of the last 1h, 30m, 1h30m.",
)
@click.option(
    "--gate",
    is_flag=True,
    envvar="STRANGLER_GATE",
    show_envvar=True,
    help="Exit 1 if a route moves towards the candidate without evidence.",
)
@json_option
@store_option
def command(old: str, new: str, since: float, gate: bool, as_json: bool, store: str) -> None:
    """Compare two route tables, OLD and NEW: who moves from which system to which, and what is dangerous.

    Exits 0, whatever is flagged; with --gate 1 if a route moves towards the candidate and no comparison of it is in
    the store; 2 if a table is invalid. Without a store it says so, and no evidence is known.
    """
    before, after = _loaded(old), _loaded(new)
    traffic = _traffic(store, time.time() - since)
    found = moves(before, after, _evidence(traffic))
    if as_json:
        tables = {"old": Named(old, before.name, before.hash), "new": Named(new, after.name, after.hash)}
        click.echo(document(**tables, traffic=traffic, moves=found))
    else:
        click.echo(f"{old} (table {before.hash}) -> {new} (table {after.hash})")
        _print(found, traffic)
    if gate and any(flag.danger in WITHOUT_EVIDENCE for move in found for flag in move.flags):
        raise click.exceptions.Exit(CHECK_FAILED)


def _loaded(file: str) -> RouteTable:
    try:
        return load(file)
    except ConfigErrors as error:
        click.echo(str(error), err=True)
        raise click.exceptions.Exit(2) from error


def _traffic(store: str, since: float) -> Traffic | None:
    try:
        return asyncio.run(recent_traffic(store, since))
    except StoreError as error:
        click.echo(f"warning: neither traffic nor evidence is known: {error}", err=True)
        return None


def _evidence(traffic: Traffic | None) -> dict[str, Evidence]:
    routes = traffic.routes if traffic else ()
    compared = {each.route: frozenset(one.method for one in each.methods if one.compared) for each in routes}
    return {each.route: Evidence(each.compared, compared[each.route]) for each in routes}


def _print(found: tuple[Move, ...], traffic: Traffic | None) -> None:
    console = Console(highlight=False, soft_wrap=True, file=sys.stdout)
    print_moves(console, found, None if traffic is None else {each.route: each for each in traffic.routes})
    console.print(shown(summary(found)))
    if traffic is not None:
        console.print(shown(f"{ONLY_SHADOWED} Since {moment(traffic.since)}: {traffic.exchanges:,}.", "dim"))
