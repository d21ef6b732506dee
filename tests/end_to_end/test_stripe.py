"""The main job on real input: the official stripe SDK, through the proxy, on two releases of a real Stripe-like server.

localstripe 1.13.8 is legacy, 1.15.10 the candidate. Both get the same books first. Then the SDK reads through the proxy
(shadowed and compared) and works through it (legacy alone). A third server, of legacy's release, is asked the same
directly: whatever the SDK gives through the proxy must be what it gives there, up to ids and moments.

What the report must find was looked up in the answers of both releases, one by one:

| routes | where | what the candidate does otherwise |
|---|---|---|
| customers | country of a tax id | NZ, from the kind nz_gst; legacy takes the number's first two characters |
| charges | paid, status | a charge that is only held has succeeded and is paid; in legacy pending, unpaid |
| invoices, charges, payment-intents | amounts | 5.5 % of 1050 is 58; legacy cuts it down to 57 |
| charges, refunds; nested in others | payment_intent | new: which intent a charge or refund is of |
| payment-intents | capture_method | new |
| invoices | customer_email, parent | new |
| events | status | can be asked for by type; legacy answers 400 |
| refunds | status | can be asked for by intent; legacy breaks down with 500 |
| payment-method | status | knows Stripe's ready-made pm_card_visa; legacy answers 404 |
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import stripe

from tests.end_to_end.localstripe_environments import NoEnvironment, Say, localstripe_python
from tests.end_to_end.stripe_driver import Answered, Canon, Driver, Outcome
from tests.end_to_end.stripe_scenario import BOOKS, READS, WORK, Call
from tests.end_to_end.stripe_servers import Proxy, localstripe, report, strangler

LEGACY, CANDIDATE = "1.13.8", "1.15.10"

FINDINGS = {
    "customers": {"$.data[*].tax_ids.data[*].country": "value"},
    "charges": {
        "$.data[*].amount": "value",
        "$.data[*].paid": "value",
        "$.data[*].status": "value",
        "$.data[*].payment_intent": "added",
        "$.data[*].refunds.data[*].payment_intent": "added",
    },
    "payment-intents": {
        "$.data[*].amount": "value",
        "$.data[*].charges.data[*].amount": "value",
        "$.data[*].latest_charge.amount": "value",
        "$.data[*].capture_method": "added",
        "$.data[*].charges.data[*].payment_intent": "added",
        "$.data[*].latest_charge.payment_intent": "added",
    },
    "invoices": {
        "$.data[*].tax": "value",
        "$.data[*].total_tax_amounts[*].amount": "value",
        "$.data[*].total": "value",
        "$.data[*].amount_due": "value",
        "$.data[*].amount_paid": "value",
        "$.data[*].charge.amount": "value",
        "$.data[*].charge.payment_intent": "added",
        "$.data[*].customer_email": "added",
        "$.data[*].parent": "added",
    },
    "refunds": {
        "$.data[*].payment_intent": "added",
        "status": "status",
        "header:content-type": "header",
        "body": "syntax",
    },
    "events": {
        "status": "status",
        "$.error": "missing",
        **dict.fromkeys(("$.data", "$.has_more", "$.object", "$.total_count", "$.url"), "added"),
    },
    "payment-method": {
        "status": "status",
        "$.error": "missing",
        **dict.fromkeys(("$.billing_details", "$.card", "$.created", "$.customer", "$.id", "$.livemode"), "added"),
        **dict.fromkeys(("$.metadata", "$.object", "$.type"), "added"),
    },
}
"""By route: the path patterns at which the two releases differ, and how."""

VERDICTS = {
    "balance": (1, 0, 0),
    "charges": (0, 0, 2),
    "coupon": (1, 1, 0),
    "coupons": (0, 1, 0),
    "customers": (0, 1, 1),
    "events": (0, 0, 1),
    "invoice-items": (0, 1, 0),
    "invoices": (0, 0, 1),
    "payment-intents": (0, 0, 1),
    "payment-method": (0, 0, 1),
    "payouts": (0, 1, 0),
    "plan": (1, 2, 0),
    "plans": (0, 4, 0),
    "product": (1, 2, 0),
    "products": (3, 4, 0),
    "refunds": (0, 0, 2),
    "setup-intents": (0, 1, 0),
    "subscriptions": (0, 1, 0),
    "tax-rates": (0, 1, 0),
}
"""By route: how many of the reads match, differ as the rules allow (made a second later), and differ."""

pytestmark = pytest.mark.timeout(600)  # the environments are made on first use, from PyPI


@dataclass(frozen=True, slots=True)
class Servers:
    """URLs: a server of legacy's release that only this test talks to, and the two behind the proxy."""

    reference: str
    legacy: str
    candidate: str


@dataclass(frozen=True, slots=True)
class Story:
    """What the SDK gave: on the reference, on legacy through the proxy, and for the reads on legacy directly."""

    reference: list[Outcome]
    proxied: list[Outcome]
    direct: list[Outcome]
    anna: str


@pytest.fixture(scope="module")
def say(pytestconfig: pytest.Config) -> Say:
    """Shows a line at once, though pytest is keeping what tests print."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def show(line: str) -> None:
        with capture.global_and_fixture_disabled():
            sys.stderr.write(f"\n{line}\n")

    return show


@pytest.fixture(scope="module")
def servers(say: Say, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    try:
        legacy, candidate = (localstripe_python(release, say) for release in (LEGACY, CANDIDATE))
    except NoEnvironment as problem:
        raise pytest.fail.Exception(str(problem), pytrace=False) from None
    logs = tmp_path_factory.mktemp("localstripe")
    pairs = [(legacy, "reference"), (legacy, "legacy"), (candidate, "candidate")]
    with ExitStack() as running, pytest.MonkeyPatch.context() as patch:
        patch.setattr(stripe, "enable_telemetry", False)
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield Servers(*(running.enter_context(localstripe(python, logs / f"{name}.log")) for python, name in pairs))


@pytest.fixture(scope="module")
def proxy(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with strangler(servers.legacy, servers.candidate, tmp_path_factory.mktemp("strangler")) as running:
        yield running


def perform(driver: Driver, *parts: tuple[Call, ...]) -> list[Outcome]:
    return [driver.perform(call) for part in parts for call in part]


@pytest.fixture(scope="module")
def story(servers: Servers, proxy: Proxy) -> Story:
    perform(Driver(servers.candidate), BOOKS)
    second = int(time.time())
    wait_for(lambda: int(time.time()) > second)
    reference = perform(Driver(servers.reference), BOOKS, READS, WORK)
    on_legacy = Driver(servers.legacy)
    books = perform(on_legacy, BOOKS)
    direct = perform(on_legacy, READS)
    proxied = perform(Driver(proxy.url, on_legacy.answers), READS, WORK)
    return Story(reference, books + proxied, direct, str(on_legacy.answers["anna"]["id"]))


@pytest.fixture(scope="module")
def routes(story: Story, proxy: Proxy) -> dict[str, dict[str, Any]]:
    """The report, by route, once it holds as many exchanges as there were reads that are shadowed."""
    latest: dict[str, dict[str, Any]] = {}

    def complete() -> bool:
        latest.update({route["route"]: route for route in report(proxy)})
        return sum(sum(verdicts(route)) for route in latest.values()) >= sum(map(sum, VERDICTS.values()))

    wait_for(complete)
    return latest


def verdicts(route: dict[str, Any]) -> tuple[int, int, int]:
    return route["match"], route["ignored"], route["mismatch"]


def wait_for(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not done() and time.monotonic() < deadline:
        time.sleep(0.05)


def told(outcomes: list[Outcome]) -> list[object]:
    canon = Canon()
    return [canon.outcome(outcome) for outcome in outcomes]


def test_every_sdk_call_gives_the_same_object_as_direct(story: Story) -> None:
    pairs = zip(told(story.reference), told(story.proxied), strict=True)
    assert [(direct, proxied) for direct, proxied in pairs if direct != proxied] == []


def lasting(answered: Answered) -> Answered:
    """An answer without the moment at which it was given and what concerns one connection only."""
    passing = {"date", "connection", "keep-alive"}
    headers = {name: value for name, value in answered.headers.items() if name not in passing}
    return Answered(answered.request, answered.status, headers, answered.body)


def test_reads_are_byte_for_byte_what_legacy_says(story: Story) -> None:
    proxied = story.proxied[len(BOOKS) : len(BOOKS) + len(READS)]
    for direct, through in zip(story.direct, proxied, strict=True):
        assert [lasting(answered) for answered in through.wire] == [lasting(answered) for answered in direct.wire]


def test_the_sdk_needs_nothing_but_its_api_base_changed(
    story: Story, servers: Servers, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe, "api_key", "sk_test_strangler")
    monkeypatch.setattr(stripe, "api_base", proxy.url)
    proxied = stripe.Customer.retrieve(story.anna)
    monkeypatch.setattr(stripe, "api_base", servers.legacy)
    assert proxied.to_dict() == stripe.Customer.retrieve(story.anna).to_dict()
    assert proxied.email == "anna@example.com"


def test_no_write_reached_the_candidate(story: Story, servers: Servers) -> None:
    api = stripe.StripeClient("sk_test_strangler", base_addresses={"api": servers.candidate})
    assert [charge.amount for charge in api.v1.charges.list({"limit": 100})] == [2000, 700, 999, 4200, 1108, 1500]


def test_every_read_is_compared_and_none_is_inconclusive(routes: dict[str, dict[str, Any]]) -> None:
    assert {name: verdicts(route) for name, route in routes.items()} == VERDICTS
    assert {name: route["inconclusive"] for name, route in routes.items()} == dict.fromkeys(VERDICTS, 0)


def test_the_report_lists_the_real_differences_and_no_other(routes: dict[str, dict[str, Any]]) -> None:
    found = {name: {(each["pattern"], each["kind"]) for each in route["fields"]} for name, route in routes.items()}
    assert {name: differences for name, differences in found.items() if differences} == {
        name: set(differences.items()) for name, differences in FINDINGS.items()
    }


def test_the_report_shows_an_example_of_each(routes: dict[str, dict[str, Any]]) -> None:
    def example(route: str, pattern: str) -> tuple[str | None, str | None]:
        return next(
            (each["legacy"], each["candidate"]) for each in routes[route]["fields"] if each["pattern"] == pattern
        )

    assert example("invoices", "$.data[*].tax") == ("57", "58")
    assert example("customers", "$.data[*].tax_ids.data[*].country") == ('"49"', '"NZ"')
    assert example("refunds", "status") == ("500", "404")
    assert example("payment-intents", "$.data[*].capture_method") == (None, '"automatic_async"')
