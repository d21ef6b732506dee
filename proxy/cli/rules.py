"""`strangler rules`: what the noise control learned, as rules to paste into routes.yaml."""

import click

from proxy.cli.documents import document
from proxy.cli.options import json_option, store_option
from proxy.cli.reading import ask
from proxy.cli.rules_text import suggested, yaml_text
from proxy.cli.words import no_exchanges
from proxy.store.answers import Noise
from proxy.store.queries import Queries


@click.group(name="rules")
def command() -> None:
    """Learned noise as rules to paste."""


@command.command()
@click.argument("route", envvar="STRANGLER_ROUTE")
@json_option
@store_option
def suggest(route: str, as_json: bool, store: str) -> None:
    """Print a rule for each difference of a route that is judged noise, with its evidence as a comment, to be read and
    pasted under `rules` of the route's compare policy.

    Exits 0, or 3 if the store cannot be read.
    """
    noises, routes = ask(store, lambda queries: _asked(queries, route))
    if as_json:
        click.echo(document(route=route, suggestions=suggested(noises)))
    elif route not in routes:
        click.echo(no_exchanges(route, routes))
    else:
        click.echo(yaml_text(route, noises))


async def _asked(queries: Queries, route: str) -> tuple[tuple[Noise, ...], tuple[str, ...]]:
    return await queries.noises(route), await queries.routes()
