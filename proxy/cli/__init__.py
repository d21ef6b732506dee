"""The command `strangler`: one file a command family, each parses, calls and prints; no logic lives here.

Law of this file: a command ends with one of the codes of the contract, whatever goes wrong, and says it in one line.
"""

import errno
import os
import sys
import traceback
from importlib import import_module
from typing import Any, NoReturn

import click

ENVIRONMENT_FAILED, INTERNAL = 3, 5
DEBUG = "STRANGLER_DEBUG"

COMMANDS = {
    "audit": "who changed where payments go, and whether the log of it is whole",
    "check": "routes.yaml checked, all errors at once",
    "compare": "two bodies from files, judged by a policy",
    "db": "the store's schema",
    "demo": "legacy, candidate, proxy and traffic, then the report",
    "differences": "what differs, with example pairs",
    "explain": "which route wins for a request, and why",
    "findings": "what differs, one entry a cause, and what was decided about it",
    "flip": "a route or group to another stage or weight, in the file",
    "holds": "what still needs a route or a backend",
    "override": "a stage for a route, a group or all, at once and for a while",
    "owners": "which system entities belong to; import, move",
    "pins": "the keys that are bound to a system, and letting one go",
    "plan": "what a new route table moves, and what of it is dangerous",
    "rearm": "writes are copied to a sandbox again that was stopped",
    "report": "what the shadow traffic showed, per route",
    "rules": "learned noise as rules to paste",
    "schema": "the JSON Schema of routes.yaml",
    "serve": "the proxy, its shadow runner and its control process",
    "show": "one exchange: the request, both answers, what differs",
    "status": "the running processes and their route table",
    "twins": "what shadows call the entities that the primary calls otherwise",
    "unknown": "writes of which nobody knows what became, and their end",
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

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what it did not expect itself ends with exit 3 if the system refused something, else 5."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except OSError as fault:
            _end(fault, "" if fault.errno == errno.EPIPE else _system_said(fault), ENVIRONMENT_FAILED)
        except Exception as fault:  # noqa: BLE001  # the one place where our own mistakes end
            _end(fault, f"a fault of strangler itself: {_briefly(fault)}; {DEBUG}=1 shows where", INTERNAL)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


def _end(fault: Exception, message: str, code: int) -> NoReturn:
    """Say it, and leave nothing behind that the interpreter would try to write once more at its end."""
    if os.environ.get(DEBUG):
        traceback.print_exception(fault)
    if message:
        click.echo(f"error: {message}", err=True)
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise click.exceptions.Exit(code)


def _system_said(fault: OSError) -> str:
    what = fault.strerror or _briefly(fault)
    return f"{fault.filename}: {what}" if fault.filename else f"cannot be read or written: {what}"


def _briefly(fault: Exception) -> str:
    first = str(fault).partition("\n")[0][:200]
    printable = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in first)
    return f"{type(fault).__name__}: {printable}" if printable else type(fault).__name__


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Strangler: a strangler-fig migration proxy and shadow-diff harness for payments."""
