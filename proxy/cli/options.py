"""Options that several commands have, spelled alike everywhere."""

import click

from proxy.config.values import parse_duration


def duration(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """A callback: seconds of a text like 1h30m."""
    try:
        return None if value is None else parse_duration(value)
    except ValueError as fault:
        raise click.BadParameter(str(fault)) from fault


config_option = click.option(
    "-c",
    "--config",
    default="routes.yaml",
    show_default=True,
    envvar="STRANGLER_CONFIG",
    show_envvar=True,
    help="The route table.",
)
store_option = click.option(
    "--store",
    default="sqlite:///strangler.db",
    show_default=True,
    envvar="STRANGLER_STORE",
    show_envvar=True,
    help="Where compared exchanges are kept.",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, envvar="STRANGLER_JSON", show_envvar=True, help="Print JSON."
)
