"""What commands that talk to a running strangler share: where it is, the token, and how its answer is told."""

import os
from collections.abc import Mapping
from urllib.parse import quote

import click
import msgspec

from proxy.cli.words import printable
from proxy.control.asks import Changed
from proxy.control.client import Refusal, Unreachable, send

REFUSED, ENVIRONMENT_FAILED = 1, 3

admin_url_option = click.option(
    "--admin-url",
    default="http://127.0.0.1:8081",
    show_default=True,
    envvar="STRANGLER_ADMIN_URL",
    show_envvar=True,
    help="Where the admin API listens.",
)
token_file_option = click.option(
    "--token-file",
    type=click.Path(),
    envvar="STRANGLER_TOKEN_FILE",
    show_envvar=True,
    help="The file with the token of the admin API; else that of STRANGLER_TOKEN.",
)


def change(
    admin_url: str, token_file: str | None, method: str, path: list[str], body: Mapping[str, object], as_json: bool
) -> None:
    """Ask for a change, and tell what came of it. Exits 1 if it was refused, 3 if nobody answers."""
    where = "/" + "/".join(quote(part, safe="") for part in path)
    try:
        answer, document = send(admin_url, method, where, msgspec.json.encode(body), _token(token_file), Changed)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--admin-url") from error
    except Refusal as refusal:
        click.echo(f"error: {printable(str(refusal))}", err=True)
        raise click.exceptions.Exit(REFUSED) from refusal
    except (Unreachable, OSError) as error:
        click.echo(f"error: {printable(str(error))}", err=True)
        raise click.exceptions.Exit(ENVIRONMENT_FAILED) from error
    click.echo(document if as_json else _told(answer))


def _told(answer: Changed) -> str:
    changed = "is in force" if answer.changed else "was in force already"
    late = f"; not acknowledged yet by {', '.join(answer.late)}" if answer.late else ", acknowledged by all workers"
    return f"route table {answer.hash} {changed}{late}"


def _token(file: str | None) -> str:
    if file is None:
        return os.environ.get("STRANGLER_TOKEN", "").strip()
    with open(file, encoding="utf-8") as opened:
        return opened.read(4096).strip()
