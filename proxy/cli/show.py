"""`strangler show`: one exchange in full, redacted as it was kept."""

import click
from rich.console import Console
from rich.text import Text

from comparators import Answer, explain
from proxy.cli.documents import document
from proxy.cli.options import json_option, store_option
from proxy.cli.reading import ask
from proxy.cli.words import difference_lines, moment, printable, seconds, shown
from proxy.messages import Failure, Headers, Observation, Response, System
from proxy.store.answers import StoredExchange

MOST_SHOWN = 8_000
"""Characters of one body that are printed; --json prints all."""

NOT_KEPT = "one of many with this outcome: its fields and bodies were not kept"


@click.command(name="show")
@click.argument("exchange_id", envvar="STRANGLER_EXCHANGE_ID")
@json_option
@store_option
def command(exchange_id: str, as_json: bool, store: str) -> None:
    """Show one exchange: the request, both answers, what differs, and DeepDiff's words about it.

    Exits 0, 2 if there is no such exchange, or 3 if the store cannot be read.
    """
    exchange = ask(store, lambda queries: queries.exchange(exchange_id))
    if exchange is None:
        message = f"{exchange_id} is not in this store; ids stand in `strangler report` and `strangler differences`"
        raise click.BadParameter(message, param_hint="EXCHANGE_ID")
    if as_json:
        click.echo(document(exchange=exchange, explanation=_explanation(exchange)))
    else:
        _print(Console(highlight=False, soft_wrap=True), exchange)


def _print(console: Console, exchange: StoredExchange) -> None:
    console.print(
        Text.assemble(shown(exchange.id, "bold"), "  ", shown(f"{exchange.route}, {moment(exchange.started_at)}"))
    )
    console.print(_verdict(exchange))
    console.print(shown(f"{exchange.primary} answered the client; {exchange.plan_reason}"))
    if not exchange.is_whole:
        console.print(Text(NOT_KEPT, style="dim"))
    _title(console, "request")
    request = exchange.request
    console.print(shown(f"{request.method.decode('latin-1')} {request.target.decode('latin-1')}"))
    _print_message(console, request.headers, request.body)
    for system, observation in ((System.LEGACY, exchange.legacy), (System.CANDIDATE, exchange.candidate)):
        _print_observation(console, system, observation)
    _title(console, "differences")
    for difference in exchange.differences:
        for line in difference_lines(difference):
            console.print(line)
    if not exchange.differences:
        console.print("none")
    _title(console, "in the words of DeepDiff")
    console.print(Text(printable(_explanation(exchange) or "Nothing to explain: two answers are not kept here.")))


def _verdict(exchange: StoredExchange) -> Text:
    style = {"mismatch": "bold red", "match": "bold green"}.get(exchange.verdict.value, "bold yellow")
    reason = f": {exchange.reason}" if exchange.reason else ""
    return Text(exchange.verdict.value, style=style) + shown(reason)


def _title(console: Console, title: str) -> None:
    console.print()
    console.print(Text(title, style="bold underline"))


def _print_observation(console: Console, system: System, observation: Observation | None) -> None:
    _title(console, system.value)
    if observation is None:
        console.print("was not asked")
        return
    took = f"{seconds(observation.seconds)}, backend {observation.backend}"
    outcome = observation.outcome
    if isinstance(outcome, Failure):
        sent = "may have been sent" if outcome.maybe_sent else "was not sent"
        console.print(shown(f"no answer: {outcome.kind}, {outcome.detail} (the request {sent}; {took})", "yellow"))
    else:
        console.print(shown(f"{outcome.status} {outcome.reason.decode('latin-1')}  ({took})"))
        _print_message(console, outcome.headers, outcome.body)


def _print_message(console: Console, headers: Headers, body: bytes) -> None:
    for name, value in headers:
        console.print(Text.assemble(shown(name.decode("latin-1"), "dim"), ": ", shown(value.decode("latin-1"))))
    if body:
        console.print()
        text = body.decode("utf-8", "replace")
        console.print(Text(printable(text[:MOST_SHOWN])))
    if len(body) > MOST_SHOWN:
        console.print(Text(f"… of {len(body):,} bytes; --json prints all", style="dim"))


def _explanation(exchange: StoredExchange) -> str | None:
    if not exchange.is_whole:
        return None
    legacy, candidate = _answer(exchange.legacy), _answer(exchange.candidate)
    return None if legacy is None or candidate is None else explain(legacy, candidate)


def _answer(observation: Observation | None) -> Answer | None:
    if observation is None or not isinstance(observation.outcome, Response):
        return None
    return Answer(observation.outcome.status, observation.outcome.headers, observation.outcome.body)
