"""`strangler serve`: the proxy, its shadow runner and its control process."""

import asyncio
import os
from pathlib import Path
from typing import NoReturn

import click

from proxy.cli.options import age, config_option, size, store_option
from proxy.config.errors import ConfigErrors
from proxy.config.values import parse_duration
from proxy.runtime import dumps
from proxy.runtime.serve import ServeOptions, Serving, serve
from proxy.runtime.sockets import Endpoint, EnvironmentFault
from proxy.runtime.storing import KeyRefused
from proxy.store.keep import Keep
from proxy.telemetry import logs

INVALID_CONFIG, ENVIRONMENT_FAILED = 2, 3


class _Address(click.ParamType):  # type: ignore[type-arg]  # generic in click 8.4 only
    name = "host:port"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Endpoint:
        try:
            return Endpoint.parse(value)
        except ValueError as fault:
            self.fail(str(fault), param, ctx)


class _Duration(click.ParamType):  # type: ignore[type-arg]  # generic in click 8.4 only
    name = "duration"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return value if isinstance(value, float) else parse_duration(value)
        except ValueError as fault:
            self.fail(str(fault), param, ctx)


@click.command(name="serve")
@config_option
@click.option(
    "--listen",
    type=_Address(),
    envvar="STRANGLER_LISTEN",
    show_envvar=True,
    help="Where payments come in; overrules the file.",
)
@click.option(
    "--admin",
    type=_Address(),
    default="127.0.0.1:8081",
    show_default=True,
    envvar="STRANGLER_ADMIN",
    show_envvar=True,
    help="Where the admin API listens.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=lambda: max(1, min(64, os.cpu_count() or 1)),
    show_default="one a core",
    envvar="STRANGLER_WORKERS",
    show_envvar=True,
    help="How many proxy workers.",
)
@store_option
@click.option(
    "--keep",
    callback=age,
    envvar="STRANGLER_KEEP",
    show_envvar=True,
    help="Remove exchanges from the store that began longer ago, like 30d; counters and findings stay.",
)
@click.option(
    "--keep-bytes",
    callback=size,
    envvar="STRANGLER_KEEP_BYTES",
    show_envvar=True,
    help="Remove the oldest exchanges from the store until they take no more, like 20GB.",
)
@click.option(
    "--channel",
    type=click.Choice(["local"]),
    default="local",
    show_default=True,
    envvar="STRANGLER_CHANNEL",
    show_envvar=True,
    help="How copies reach the shadow runner.",
)
@click.option(
    "--redaction-key-file",
    type=click.Path(path_type=Path),
    envvar="STRANGLER_REDACTION_KEY_FILE",
    show_envvar=True,
    show_default="beside the store",
    help="The key of the tokens that stand for secrets; made with mode 0600 if absent. STRANGLER_REDACTION_KEY wins.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    envvar="STRANGLER_TOKEN_FILE",
    show_envvar=True,
    help="The token that changes over the admin API need, else STRANGLER_TOKEN; without one there are none.",
)
@click.option(
    "--require-backends",
    is_flag=True,
    envvar="STRANGLER_REQUIRE_BACKENDS",
    show_envvar=True,
    help="Do not start while a backend is unreachable.",
)
@click.option(
    "--shutdown-delay",
    type=_Duration(),
    default="0s",
    show_default=True,
    envvar="STRANGLER_SHUTDOWN_DELAY",
    show_envvar=True,
    help="After SIGTERM /readyz says no for so long before connections are refused: what a load balancer needs.",
)
def command(
    config: str,
    listen: Endpoint | None,
    admin: Endpoint,
    workers: int,
    store: str,
    keep: float | None,
    keep_bytes: int | None,
    channel: str,
    redaction_key_file: Path | None,
    token_file: Path | None,
    require_backends: bool,
    shutdown_delay: float,
) -> None:
    """Carry payments, shadow what the routes say, compare, and keep what differs.

    Exits 0 after SIGTERM or SIGINT, 2 for an invalid routes.yaml or a store on a server without a redaction key,
    3 when a port or the store cannot be had.
    """
    dumps.forbid()
    logs.configure("supervisor")
    options = ServeOptions(
        *(Path(config), listen, admin, workers, store, redaction_key_file, require_backends, token_file),
        *(shutdown_delay, Keep(keep, keep_bytes)),
    )
    try:
        asyncio.run(serve(options, _announce))
    except ConfigErrors as faults:
        _end(str(faults), INVALID_CONFIG)
    except KeyRefused as fault:
        _end(f"error: {fault}", INVALID_CONFIG)
    except EnvironmentFault as fault:
        _end(f"error: {fault}", ENVIRONMENT_FAILED)


def _announce(serving: Serving) -> None:
    table = serving.table
    schemes = ("https" if listener.tls else "http" for listener in table.listeners)
    where = ", ".join(f"{scheme}://{endpoint}" for scheme, endpoint in zip(schemes, serving.payments, strict=False))
    click.echo(f"strangler carries payments on {where} ({len(table.routes)} routes, table {table.hash})", err=True)
    click.echo(f"status and metrics: http://{serving.admin}/", err=True)
    for warning in serving.warnings:
        click.echo(f"warning: {warning}", err=True)


def _end(message: str, code: int) -> NoReturn:
    click.echo(message, err=True)
    raise click.exceptions.Exit(code)
