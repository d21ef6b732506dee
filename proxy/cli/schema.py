"""`strangler schema`: the JSON Schema of routes.yaml."""

import json

import click

from proxy.config.json_schema import json_schema


@click.command(name="schema")
def command() -> None:
    """Print the JSON Schema of routes.yaml, for editors.

    It holds the whole schema; a field that has no effect yet is refused by `strangler check`.
    """
    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
