"""Performs calls of the scenario with the official stripe SDK, and keeps what the SDK gave and what was on the wire.

Law of this file: an SDK error is an outcome like any other. Nothing is repeated behind the scenario's back (the SDK's
retries are off) and nothing is sent but to the address given.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import stripe

from tests.end_to_end.stripe_scenario import Call, Json

SERVER_MADE = re.compile(
    r"\b(ba|card|ch|cus|evt|ii|il|in|pi|pm|po|re|seti|si|src|sub|tok|txi|txn|txr)_(?:[A-Za-z0-9]{24}|[A-Za-z0-9]{14})(?![A-Za-z0-9])"
    r"|(?<=_secret_)[A-Za-z0-9]{16}"
)
"""Ids and secrets that localstripe draws at random."""

MOMENTS = frozenset(
    {
        *(
            "arrival_date",
            "available_on",
            "canceled_at",
            "created",
            "date",
            "end",
            "ended_at",
            "finalized_at",
            "paid_at",
        ),
        *("current_period_end", "current_period_start", "next_payment_attempt", "period_end", "period_start", "start"),
        *("start_date", "webhooks_delivered_at"),
    }
)
"""Members that hold the time at which a server did something, or one reckoned from it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One HTTP answer as the SDK's HTTP client received it; header names in lower case."""

    request: str
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one call gave: the class of the object or error, its data, and the answers on the wire behind it."""

    call: str
    kind: str
    data: Json
    wire: tuple[Answered, ...]


class ListeningClient(stripe.RequestsClient):
    """The SDK's own HTTP client, which also keeps every answer."""

    def __init__(self) -> None:
        super().__init__(timeout=20)
        self.answers: list[Answered] = []

    def request(  # type: ignore[override]  # as in RequestsClient, whose base says str where it gives bytes
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        body, status, answered = super().request(method, url, headers, post_data)
        target = url.partition("//")[2].partition("/")[2]
        lower = {name.lower(): value for name, value in answered.items()}
        self.answers.append(Answered(f"{method.upper()} /{target}", status, lower, body))
        return body, status, answered

    def take(self) -> tuple[Answered, ...]:
        taken, self.answers = tuple(self.answers), []
        return taken


class Driver:
    """One SDK client for one address, and what the server behind it has answered so far, by the name of the call."""

    def __init__(self, url: str, answers: dict[str, dict[str, Json]] | None = None) -> None:
        self._http = ListeningClient()
        self._api = stripe.StripeClient(
            "sk_test_strangler", base_addresses={"api": url}, http_client=self._http, max_network_retries=0
        )
        self.answers = {} if answers is None else answers

    def perform(self, call: Call) -> Outcome:
        try:
            kind, data = self._ask(call)
        except stripe.StripeError as error:
            kind = type(error).__name__
            data = {"status": error.http_status, "code": error.code, "said": error.user_message}
        if isinstance(data, dict):
            self.answers[call.name] = data
        return Outcome(call.name, kind, data, self._http.take())

    def _ask(self, call: Call) -> tuple[str, Json]:
        method: Any = self._api.v1
        for name in call.method.split("."):
            method = getattr(method, name)
        path = [str(self._known(part)) for part in call.path]
        answer = method(*path, params=self._known(call.params), options=call.options)
        if call.every_page:
            return type(answer).__name__, [entry.to_dict() for entry in answer.auto_paging_iter()]
        return type(answer).__name__, answer.to_dict()

    def _known(self, value: Json) -> Json:
        """`value` with every `@call` replaced by the id that this server gave, and `@call.member` by that member."""
        if isinstance(value, str) and value.startswith("@"):
            name, _, member = value[1:].partition(".")
            return self.answers[name][member or "id"]
        if isinstance(value, list):
            return [self._known(entry) for entry in value]
        if isinstance(value, dict):
            return {key: self._known(entry) for key, entry in value.items()}
        return value


class Canon:
    """Renames what a server makes up (ids, secrets, moments) by order of appearance, so that two can be compared.

    One Canon is kept for the whole of one server's story: the same id must come back as the same name every time.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def outcome(self, outcome: Outcome) -> tuple[str, str, Json, list[Json]]:
        wire: list[Json] = [[self._text(a.request), a.status, self._body(a.body)] for a in outcome.wire]
        return outcome.call, outcome.kind, self._value(outcome.data), wire

    def _body(self, body: bytes) -> Json:
        try:
            return self._value(json.loads(body))
        except ValueError:
            return self._text(body.decode("utf-8", "backslashreplace"))

    def _value(self, value: Json) -> Json:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self._value(entry) for entry in value]
        if isinstance(value, dict):
            return {
                key: "moment" if self._is_moment(key, entry) else self._value(entry) for key, entry in value.items()
            }
        return value

    def _is_moment(self, key: str, value: Json) -> bool:
        return key in MOMENTS and isinstance(value, int)

    def _text(self, text: str) -> str:
        return SERVER_MADE.sub(lambda found: self._name(found[0]), text)

    def _name(self, made: str) -> str:
        return self._names.setdefault(made, f"{made.partition('_')[0] if '_' in made else 'secret'}#{len(self._names)}")
