"""`strangler version`."""

import platform
from importlib.metadata import version

import click
import msgspec

from proxy.cli.options import json_option


@click.command(name="version")
@json_option
def command(as_json: bool) -> None:
    """Print the version of strangler and of the Python that runs it."""
    facts = {"schemaVersion": 1, "strangler": version("strangler"), "python": platform.python_version()}
    if as_json:
        click.echo(msgspec.json.encode(facts).decode())
    else:
        click.echo(f"strangler {facts['strangler']} (Python {facts['python']})")
