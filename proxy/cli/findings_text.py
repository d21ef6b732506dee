"""Findings for people."""

from collections.abc import Iterable, Iterator

import click
from rich.console import Console
from rich.text import Text

from proxy.cli import finding_words
from proxy.cli.words import moment, pair, printable, shown
from proxy.evidence.findings import Decided, State
from proxy.store.answers import Example, Finding
from proxy.store.decisions import after

_ROOM = 200
_STYLES = {State.REGRESSED: "bold reverse red", State.OPEN: "red", State.ACCEPTED: "yellow", State.FIXED: "green"}


def print_findings(console: Console, findings: Iterable[Finding]) -> None:
    for finding in findings:
        for line in _lines(finding):
            console.print(line)
        console.print()


def print_decision(finding: Finding, decided: Decided, number: int | None) -> None:
    """What was done, or would be: `number` of the entry in the audit log."""
    field = finding.field
    until = f" until {moment(decided.until)}" if decided.until is not None else ""
    where = f"{finding.route} {field.pattern} ({finding_words.what(field)})"
    done = f"audit entry {number}" if number is not None else "dry run: nothing was changed"
    state = after(finding, decided)
    click.echo(printable(f"{finding_words.short(field.id)} {where}: {field.state} -> {state}{until}; {done}"))


def _lines(finding: Finding) -> Iterator[Text]:
    field = finding.field
    state = Text(field.state.value.upper() if field.state is State.REGRESSED else field.state.value)
    state.stylize("green" if field.is_noise and field.state is State.OPEN else _STYLES[field.state])
    noise = Text("  noise", style="green") if field.is_noise else Text()
    yield Text.assemble(shown(finding_words.short(field.id), "bold"), "  ", shown(finding.route), "  ", state, noise)
    what = shown(f"{finding_words.what(field)}  {field.severity}", "cyan")
    yield Text.assemble("  ", shown(field.pattern, "bold"), "  ", what)
    yield Text(f"  {finding_words.often(field)}")
    yield Text(f"  first seen {moment(field.first_seen)}, last {moment(field.last_seen)}", style="dim")
    if field.decided is not None:
        yield Text("  ") + shown(finding_words.standing(field), _STYLES[field.state])
    if field.noise is not None:
        yield Text("  ") + shown(f"noise control: {finding_words.noise(field.noise)}")
    if finding.seems_gone:
        words = "seems gone: it would have been seen again by now; if it was mended, say so:"
        yield Text("  ") + shown(f"{words} strangler findings fix {finding_words.short(field.id)} --reason …", "green")
    for example in finding.examples:
        yield from _example(example)


def _example(example: Example) -> Iterator[Text]:
    legacy, candidate = pair(example.legacy, example.candidate, _ROOM)
    yield Text("    legacy     ") + shown(legacy, "green")
    yield Text("    candidate  ") + shown(candidate, "red") + shown(f"   strangler show {example.exchange_id}", "dim")
