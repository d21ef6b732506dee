"""The command `strangler`: one file a command family, each parses, calls and prints; no logic lives here."""

from importlib import import_module

import click

COMMANDS = {
    "check": "routes.yaml checked, all errors at once",
    "db": "the store's schema",
    "demo": "legacy, candidate, proxy and traffic, then the report",
    "differences": "what differs, with example pairs",
    "explain": "which route wins for a request, and why",
    "report": "what the shadow traffic showed, per route",
    "schema": "the JSON Schema of routes.yaml",
    "serve": "the proxy, its shadow runner and its control process",
    "show": "one exchange: the request, both answers, what differs",
    "status": "the running processes and their route table",
    "version": "the version of strangler",
}


class Commands(click.Group):
    """Loads a command's module when it is called: `strangler check` does not pay for the store or the engine."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"proxy.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Strangler: a strangler-fig migration proxy and shadow-diff harness for payments."""
