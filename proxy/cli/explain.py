"""`strangler explain`: which route wins for a request, which lose, and why; and what would be done with it."""

import json
import random
from dataclasses import asdict
from datetime import UTC, datetime
from ipaddress import ip_address
from time import time

import click
from msgspec import structs

from proxy.cli.options import config_option, json_option
from proxy.config.errors import ConfigErrors, printable
from proxy.config.load import load
from proxy.config.values import parse_method
from proxy.messages import Plan
from proxy.routing.asked import Asked
from proxy.routing.explain import Explanation, explain

SCHEMA_VERSION = 1


class _Header(click.ParamType[tuple[bytes, bytes]]):
    """`Name: value` -> (name, value). In STRANGLER_HEADER, one a line."""

    name = "header"
    envvar_list_splitter = "\n"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[bytes, bytes]:
        name, colon, content = value.partition(":")
        if not colon or not name.strip():
            self.fail(f"{value!r} is not 'Name: value'", param, ctx)
        return name.strip().encode(), content.strip().encode()


class _Moment(click.ParamType[float]):
    """`2025-03-30T02:30+02:00` -> Unix seconds; UTC if it names no offset."""

    name = "moment"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a moment like 2025-03-30T02:30Z", param, ctx)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()


class _Address(click.ParamType[bytes]):
    """An IP address, as it is hashed."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> bytes:
        try:
            return str(ip_address(value)).encode()
        except ValueError:
            self.fail(f"{value!r} is not an IP address", param, ctx)


@click.command(name="explain")
@click.argument("method")
@click.argument("url")
@click.option(
    "-H",
    "--header",
    "headers",
    multiple=True,
    type=_Header(),
    metavar="'NAME: VALUE'",
    envvar="STRANGLER_HEADER",
    show_envvar=True,
    help="A header of the request; may be repeated.",
)
@click.option(
    "--body",
    envvar="STRANGLER_BODY",
    show_envvar=True,
    metavar="TEXT",
    help="The request's body, for matches on a field of it.",
)
@click.option(
    "--client",
    type=_Address(),
    envvar="STRANGLER_CLIENT",
    show_envvar=True,
    metavar="ADDRESS",
    help="The client's address, for a canary by it.",
)
@click.option(
    "--at",
    type=_Moment(),
    envvar="STRANGLER_AT",
    show_envvar=True,
    metavar="MOMENT",
    help="When the request comes, for matches on the time, like 2025-03-30T02:30Z.  [default: now]",
)
@config_option
@json_option
def command(
    method: str,
    url: str,
    headers: tuple[tuple[bytes, bytes], ...],
    body: str | None,
    client: bytes | None,
    at: float | None,
    config: str,
    as_json: bool,
) -> None:
    """Explain which route a request gets: METHOD and URL (or a path) as a client sends them.

    Exits 0, also if no route wins; 2 if the route table is invalid, or no request can be like that.
    """
    try:
        parse_method(method)
    except ValueError as fault:
        raise click.BadParameter(f"{method!r}: {fault}", param_hint="METHOD") from fault
    if not url.startswith(("/", "http://", "https://")) and url != "*":
        raise click.BadParameter("a URL or a path that starts with /", param_hint="URL")
    try:
        table = load(config)
    except ConfigErrors as error:
        click.echo(str(error), err=True)
        raise click.exceptions.Exit(2) from error
    asked = Asked(
        url.encode(),
        headers,
        now=time() if at is None else at,
        client=client or b"",
        body=None if body is None else body.encode(),
        chance=random.random,
    )
    found = explain(table, method.encode(), asked)
    click.echo(_json(found) if as_json else _text(found, f"{method} {url}"))


def _json(found: Explanation) -> str:
    said = asdict(found) | {"plan": structs.asdict(found.plan) if found.plan else None}
    return json.dumps({"schemaVersion": SCHEMA_VERSION, **said}, indent=2, ensure_ascii=False)


def _text(found: Explanation, asked: str) -> str:
    width = max((len(loser.route) for loser in found.losers), default=0)
    return "\n".join(
        [
            printable(f"{asked}  (matched as {found.path}, table {found.table})"),
            f"route   {found.route or 'none'}: {found.why}",
            f"plan    {_plan(found.plan) if found.plan else 'refused before any backend is asked'}",
            *(f"lost    {loser.route:{width}}  match {loser.match}: {loser.reason}" for loser in found.losers),
        ]
    )


def _plan(plan: Plan) -> str:
    copy = f"a copy goes to {plan.shadow}" if plan.shadow else "no copy"
    return f"{plan.primary} answers ({plan.backend}), {copy}; {plan.reason}"
