"""`strangler compare`: two bodies from files, judged by a policy; rules are tried without any traffic.

Values are shown redacted as they would be kept, with a key made for this call alone.
"""

import secrets
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from comparators import Answer, Comparison, Difference, Verdict, compare
from proxy.cli.documents import document
from proxy.cli.options import config_option, json_option
from proxy.cli.words import difference_lines, shown
from proxy.config.errors import ConfigErrors
from proxy.config.load import load
from proxy.config.policies import default_policy
from proxy.redaction import Redactor
from proxy.routing.table import ComparePolicy

EXITS = {Verdict.MATCH: 0, Verdict.IGNORED: 0, Verdict.MISMATCH: 1, Verdict.INCONCLUSIVE: 4}
TYPES = {
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".xml": "application/xml",
    ".csv": "text/csv",
    ".html": "text/html",
    ".txt": "text/plain",
    ".form": "application/x-www-form-urlencoded",
}
STYLES = {Verdict.MATCH: "bold green", Verdict.MISMATCH: "bold red"}

_body = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.command(name="compare")
@click.argument("legacy", type=_body)
@click.argument("candidate", type=_body)
@click.option(
    "--policy",
    metavar="NAME",
    envvar="STRANGLER_POLICY",
    show_envvar=True,
    help="A policy of the route table.  [default: JSON without a rule]",
)
@click.option(
    "--content-type",
    metavar="TYPE",
    envvar="STRANGLER_CONTENT_TYPE",
    show_envvar=True,
    help="Of both bodies, like 'text/csv; header=absent'.  [default: by each file's name]",
)
@config_option
@json_option
def command(
    legacy: Path, candidate: Path, policy: str | None, content_type: str | None, config: str, as_json: bool
) -> None:
    """Compare two bodies, LEGACY and CANDIDATE, as the shadow runner would.

    Exits 0 if they match or all differences are excused, 1 on a mismatch, 4 if they can't be compared fairly, 2 if the
    route table is invalid or has no such policy.
    """
    terms = _policy(policy, config)
    ours, theirs = _answer(legacy, content_type), _answer(candidate, content_type)
    comparison = compare(ours, theirs, terms.policy)
    redactor = Redactor(terms.redaction, secrets.token_bytes(32))
    differences = redactor.differences(comparison.differences, theirs.headers)
    reason = redactor.text(comparison.reason) if comparison.reason else None
    if as_json:
        click.echo(document(verdict=comparison.verdict, reason=reason, policy=terms.name, differences=differences))
    else:
        _print(Console(highlight=False, soft_wrap=True), comparison, reason, differences)
    raise click.exceptions.Exit(EXITS[comparison.verdict])


def _policy(name: str | None, config: str) -> ComparePolicy:
    if name is None:
        return default_policy()
    try:
        policies = load(config).policies
    except ConfigErrors as error:
        click.echo(str(error), err=True)
        raise click.exceptions.Exit(2) from error
    if name not in policies:
        raise click.BadParameter(f"{config} has no policy {name!r}, but {', '.join(policies)}", param_hint="--policy")
    return policies[name]


def _answer(file: Path, content_type: str | None) -> Answer:
    media = content_type or TYPES.get(file.suffix.lower(), "application/octet-stream")
    return Answer(200, ((b"content-type", media.encode()),), file.read_bytes())


def _print(console: Console, comparison: Comparison, reason: str | None, differences: tuple[Difference, ...]) -> None:
    verdict = comparison.verdict
    said = f": {reason}" if reason else ""
    console.print(Text(verdict.value, style=STYLES.get(verdict, "bold yellow")) + shown(said))
    for difference in differences:
        for line in difference_lines(difference):
            console.print(line)
