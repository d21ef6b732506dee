"""`strangler check`: everything that is wrong with a routes.yaml, all at once."""

import click

from proxy.cli.options import config_option
from proxy.config import render
from proxy.config.load import inspect

_FORMATS = {"text": render.text, "json": render.as_json, "github": render.github}


@click.command(name="check")
@config_option
@click.option(
    "--format",
    "style",
    type=click.Choice(list(_FORMATS)),
    default="text",
    show_default=True,
    envvar="STRANGLER_CHECK_FORMAT",
    show_envvar=True,
    help="For people, for programs, or as GitHub annotations.",
)
@click.option(
    "--json", "as_json", is_flag=True, envvar="STRANGLER_JSON", show_envvar=True, help="Same as --format json."
)
def command(config: str, style: str, as_json: bool) -> None:
    """Check a routes.yaml and print every error and warning with its line.

    Exits 0 if the file can be served, warnings or not; 2 if it is invalid or cannot be read.
    """
    found = inspect(config)
    click.echo(_FORMATS["json" if as_json else style](found))
    if found.table is None:
        raise click.exceptions.Exit(2)
