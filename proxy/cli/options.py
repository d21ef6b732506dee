"""Options that several commands have, spelled alike everywhere."""

import re
from collections.abc import Callable
from typing import TypeVar

import click

from proxy.config.values import parse_duration
from proxy.store.url import has_password

_Command = TypeVar("_Command", bound=Callable[..., object])

_SIZES = {"": 1, "k": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}


def duration(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """A callback: seconds of a text like 1h30m."""
    try:
        return None if value is None else parse_duration(value)
    except ValueError as fault:
        raise click.BadParameter(str(fault)) from fault


def age(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """A callback: seconds of a text like 30d, or one that a duration may be."""
    if value is not None and value[-1:] == "d" and value[:-1].isdecimal() and len(value) < 7:
        return int(value[:-1]) * 86_400.0
    return duration(_, __, value)


def size(_: click.Context, __: click.Parameter, value: str | None) -> int | None:
    """A callback: bytes of a text like 20GB, 500MiB or 1000000."""
    if value is None:
        return None
    found = re.fullmatch(r"([0-9]{1,15})([kMGT]|[KMG]i)?B?", value)
    if found is None:
        raise click.BadParameter(f"{value!r} is no size, like 20GB, 500MiB or 1000000")
    return int(found[1]) * _SIZES[found[2] or ""]


config_option = click.option(
    "-c",
    "--config",
    default="routes.yaml",
    show_default=True,
    envvar="STRANGLER_CONFIG",
    show_envvar=True,
    help="The route table.",
)


def _store(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """A callback: a password on a command line is seen by everybody on the machine."""
    source = context.get_parameter_source(parameter.name or "")
    if source is click.core.ParameterSource.COMMANDLINE and has_password(value):
        raise click.BadParameter(
            "a password on a command line is seen by everybody on this machine: write ${VAR} in its place, "
            "add ?password-file=FILE, or set STRANGLER_STORE"
        )
    return value


store_option = click.option(
    "--store",
    callback=_store,
    default="sqlite:///strangler.db",
    show_default=True,
    envvar="STRANGLER_STORE",
    show_envvar=True,
    help="Where compared exchanges are kept: sqlite:///FILE, postgresql://USER@HOST/NAME, mysql://USER@HOST/NAME.",
)


def limit_option(default: int, most: int, what: str = "") -> Callable[[_Command], _Command]:
    """--limit: how many are shown. `what`: a word for them and a space, or nothing."""
    return click.option(
        "--limit",
        type=click.IntRange(1, most),
        default=default,
        show_default=True,
        envvar="STRANGLER_LIMIT",
        show_envvar=True,
        help=f"How many {what}at most.",
    )


json_option = click.option(
    "--json", "as_json", is_flag=True, envvar="STRANGLER_JSON", show_envvar=True, help="Print JSON."
)
