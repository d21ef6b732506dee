"""`strangler version`."""

import platform
from importlib.metadata import version

import click
import msgspec


@click.command(name="version")
@click.option("--json", "as_json", is_flag=True, envvar="STRANGLER_JSON", show_envvar=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Print the version of strangler and of the Python that runs it."""
    facts = {"schemaVersion": 1, "strangler": version("strangler"), "python": platform.python_version()}
    if as_json:
        click.echo(msgspec.json.encode(facts).decode())
    else:
        click.echo(f"strangler {facts['strangler']} (Python {facts['python']})")
