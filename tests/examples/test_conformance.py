"""Outside the planted mistakes the service is a replacement: it does and refuses what the monolith does."""

import json
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

CARD = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}
PAYMENT = {"merchant": "shop-1", "amount": 4999, "currency": "EUR", "description": None, "card": CARD}
LINE = {"description": "Croissants", "category": "food", "quantity": 3, "unit_price": "1.00"}
INVOICE = {"merchant": "shop-1", "country": "FR", "currency": "EUR", "lines": [LINE]}
ONCE_EACH = re.compile(r"\b(?:pay|re|inv|req)_\w{16,}|\d{4}-\d\d-\d\dT[\d:.]+Z")


def each(base: Mapping[str, object], name: str, values: Iterable[object]) -> list[dict[str, object]]:
    return [{**base, name: value} for value in values]


WRONG_PAYMENTS = [
    *({key: value for key, value in PAYMENT.items() if key != left_out} for left_out in PAYMENT),
    *each(PAYMENT, "amount", (0, -1, 10**8, 10**30, 1.0, 1.5, "100", True, None, [])),
    *each(PAYMENT, "currency", ("eur", "XXX", "", None, 978)),
    *each(PAYMENT, "merchant", ("", "ab", "Shop", "a" * 65, "shop-1\n", "é" * 4, None, 7)),
    *each(PAYMENT, "description", ("", "x" * 201, "é" * 200, 5, {}, False)),
    *each(PAYMENT, "card", (None, {}, [], "4242424242424242", 0)),
    *each(PAYMENT, "card", each(CARD, "number", ("4242424242424241", "4242", "٤" * 16, 42))),
    *each(PAYMENT, "card", each(CARD, "exp_month", (0, 13, "12", 1.0, None))),
    *each(PAYMENT, "card", each(CARD, "exp_year", (24, 2101, "2034"))),
    *each(PAYMENT, "card", each(CARD, "cvc", ("12", "12345", 123, "abc", None))),
    {**PAYMENT, "amount": 0, "currency": "XXX", "card": {}},
    {**PAYMENT, "unknown": "is left alone"},
]
WRONG_INVOICES = [
    *({key: value for key, value in INVOICE.items() if key != left_out} for left_out in INVOICE),
    *each(INVOICE, "country", ("GB", "fr", None, 33)),
    *each(INVOICE, "lines", ([], None, {}, [None], [[]], [LINE] * 20, [LINE] * 21, [LINE, {}])),
    *(
        {**INVOICE, "lines": [LINE, {**LINE, "unit_price": price}]}
        for price in (1, "1.001", "-1", "1e3", "", "1.", "٣")
    ),
    *each(INVOICE, "lines", ([LINE, line] for line in each(LINE, "quantity", (0, 1001, "1", 1.0)))),
    *each(INVOICE, "lines", ([line] for line in each(LINE, "category", ("toys", "", None)))),
]
WRONG_BODIES = [b"{", b"nope", b"\xff\xfe{}", b"[]", b'"text"', b"null", b"", b'{"merchant": "\\ud800"}', b"[" * 5000]
BODIES = [
    *(("/v1/payments", json.dumps(body).encode()) for body in WRONG_PAYMENTS),
    *(("/v1/invoices", json.dumps(body).encode()) for body in WRONG_INVOICES),
    *((path, raw) for path in ("/v1/payments", "/v1/invoices") for raw in (*WRONG_BODIES, b" " * 70_000)),
]


def test_every_body_is_taken_or_refused_alike(monolith: Any, service: Any) -> None:
    for path, raw in BODIES:
        ours, theirs = monolith.call("POST", path, raw), service.call("POST", path, raw)
        assert shape(theirs) == shape(ours), raw[:200]
        assert ours.status in {201, 400, 413, 422}


@pytest.mark.parametrize(
    ("path", "body", "refused"),
    [
        ("/v1/payments", {**PAYMENT, "amount": 0}, (422, "validation_error", "amount is missing or not valid")),
        ("/v1/payments", {**PAYMENT, "card": {}}, (422, "validation_error", "card.number is missing or not valid")),
        ("/v1/payments", {**PAYMENT, "card": {**CARD, "number": "4000000000000002"}}, (402, "card_declined", None)),
        ("/v1/invoices", {**INVOICE, "lines": [{}]}, (422, "validation_error", "lines.0.description is missing")),
        ("/v1/payments", b"{", (400, "invalid_json", None)),
        ("/v1/payments", b" " * 70_000, (413, "body_too_large", None)),
        ("/v1/payments/pay_unknown/capture", None, (404, "payment_not_found", None)),
        ("/v1/payments/pay_unknown/refund", None, (404, "payment_not_found", None)),
    ],
)
def test_a_refusal_says_its_code_and_its_reason(
    monolith: Any, service: Any, path: str, body: object, refused: tuple[int, str, str | None]
) -> None:
    for system in (monolith, service):
        answer = system.call("POST", path, body)
        assert (answer.status, answer.json["error"]["code"]) == refused[:2]
        assert (refused[2] or "") in answer.json["error"]["message"]
        assert answer.header("content-type") == "application/json"


def test_a_payment_lives_alike_in_both(monolith: Any, service: Any) -> None:
    ours, theirs = life(monolith), life(service)
    assert [shape(answer) for answer in theirs] == [shape(answer) for answer in ours]
    assert [answer.status for answer in ours] == [201, 409, 200, 409, 422, 201, 409, 409]


def life(system: Any) -> list[Any]:
    """Create, refund too early, capture, capture again, refund for no reason, refund, refund again, capture again."""
    created = system.call("POST", "/v1/payments", PAYMENT)
    path = f"/v1/payments/{created.json['id']}"
    return [
        created,
        system.call("POST", f"{path}/refund"),
        system.call("POST", f"{path}/capture"),
        system.call("POST", f"{path}/capture"),
        system.call("POST", f"{path}/refund", {"reason": ""}),
        system.call("POST", f"{path}/refund", {"reason": "returned"}),
        system.call("POST", f"{path}/refund"),
        system.call("POST", f"{path}/capture"),
    ]


def test_what_one_system_writes_the_other_reads_as_the_monolith_shows_it(monolith: Any, service: Any) -> None:
    for writer in (monolith, service):
        written = writer.call("POST", "/v1/payments", PAYMENT).json
        assert monolith.call("GET", f"/v1/payments/{written['id']}").json == written
        other = service if writer is monolith else monolith
        captured = other.call("POST", f"/v1/payments/{written['id']}/capture").json
        assert captured["status"] == "captured"
        refund = writer.call("POST", f"/v1/payments/{written['id']}/refund").json
        assert monolith.call("GET", f"/v1/refunds/{refund['id']}").json == refund
        refunded = monolith.call("GET", f"/v1/payments/{written['id']}").json
        assert service.call("GET", f"/v1/payments/{written['id']}").json == refunded


def test_an_invoice_written_by_either_is_the_same_invoice(monolith: Any, service: Any) -> None:
    categories = ("standard", "accommodation", "food", "staple_food", "books", "press")
    lines = [
        {**LINE, "category": category, "unit_price": price}
        for category in categories
        for price in ("0.50", "7", "19.9")
    ]
    for country in ("FR", "DE", "ES", "IT", "US"):
        body = {**INVOICE, "country": country, "lines": lines}
        ours, theirs = monolith.call("POST", "/v1/invoices", body), service.call("POST", "/v1/invoices", body)
        assert ours.status == 201
        assert shape(theirs) == shape(ours)
        for written in (ours.json, theirs.json):
            assert monolith.call("GET", f"/v1/invoices/{written['id']}").json == written
            assert service.call("GET", f"/v1/invoices/{written['id']}").json["vat_total"] == written["vat_total"]


def test_a_payment_looks_as_documented(monolith: Any) -> None:
    payment = monolith.call("POST", "/v1/payments", PAYMENT).json
    assert re.fullmatch(r"pay_[A-Za-z0-9]{24}", payment.pop("id"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", payment.pop("created_at"))
    assert payment == {
        "object": "payment",
        "merchant": "shop-1",
        "amount": 4999,
        "currency": "EUR",
        "status": "authorized",
        "description": None,
        "card": {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2034},
        "captured_at": None,
        "refunded_at": None,
    }


def test_vat_is_rounded_half_up_by_line_and_summed(monolith: Any) -> None:
    lines = [{**LINE, "quantity": 1, "unit_price": "3.00"}, {**LINE, "category": "standard", "unit_price": "19.90"}]
    invoice = monolith.call("POST", "/v1/invoices", {**INVOICE, "lines": lines}).json
    assert [line["vat"] for line in invoice["lines"]] == ["0.17", "11.94"]
    assert (invoice["net_total"], invoice["vat_total"], invoice["total"]) == ("62.70", "12.11", "74.81")
    assert invoice["note"] is None


def test_an_idempotency_key_is_honoured_by_both_whoever_saw_it_first(monolith: Any, service: Any) -> None:
    for number, (first, second) in enumerate([(monolith, service), (service, monolith), (monolith, monolith)]):
        original = first.call("POST", "/v1/payments", PAYMENT, f"shared-{number}")
        repeated = second.call("POST", "/v1/payments", PAYMENT, f"shared-{number}")
        assert (repeated.status, repeated.json) == (201, original.json)
        assert (original.header("idempotent-replayed"), repeated.header("idempotent-replayed")) == (None, "true")
        other = second.call("POST", "/v1/payments", {**PAYMENT, "amount": 1}, f"shared-{number}")
        assert (other.status, other.json["error"]["code"]) == (422, "idempotency_key_reused")


def test_one_key_at_the_same_time_makes_one_payment(monolith: Any, service: Any) -> None:
    body = {**PAYMENT, "merchant": "hurried"}
    with ThreadPoolExecutor(8) as callers:
        for key in ("a", "b", "c", "d", "e", "f", "g", "h"):
            systems = [service, service, service, monolith] * 2
            answers = list(callers.map(lambda system, key=key: system.call("POST", "/v1/payments", body, key), systems))
            assert [answer.status for answer in answers] == [201] * len(systems)
            assert len({answer.json["id"] for answer in answers}) == 1
    assert len(monolith.call("GET", "/v1/payments?merchant=hurried").json["data"]) == 8


def test_a_refused_request_does_not_use_up_its_key(monolith: Any, service: Any) -> None:
    for number, system in enumerate((monolith, service)):
        payment = system.call("POST", "/v1/payments", PAYMENT).json["id"]
        path = f"/v1/payments/{payment}/refund"
        assert system.call("POST", path, key=f"early-{number}").status == 409
        system.call("POST", f"/v1/payments/{payment}/capture")
        assert system.call("POST", path, key=f"early-{number}").status == 201


def test_a_key_that_is_empty_or_too_long_is_refused_by_both(monolith: Any, service: Any) -> None:
    for key in ("", "k" * 256):
        ours, theirs = (system.call("POST", "/v1/payments", PAYMENT, key) for system in (monolith, service))
        assert (ours.status, ours.json["error"]["code"]) == (422, "validation_error")
        assert shape(theirs) == shape(ours)


@pytest.mark.parametrize(
    "path",
    [
        "/healthz",
        "/v1/payments",
        "/v1/payments?merchant=nobody",
        *(f"/v1/payments?merchant=shop-1&limit={limit}" for limit in ("", "0", "101", "-1", "1.0", "x", "007", "%205")),
        "/v1/payments?merchant=&limit=0",
        "/v1/refunds/re_unknown",
        "/v1/invoices/inv_unknown",
        "/v1/merchants/nobody/balance",
        "/v1/payments/",
        "/v1/",
        "/nothing",
        "/v1/payments/pay_x/capture",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
def test_what_is_not_planted_is_answered_alike(monolith: Any, service: Any, method: str, path: str) -> None:
    ours, theirs = monolith.call(method, path), service.call(method, path)
    assert shape(theirs) == shape(ours)
    assert theirs.header("content-type") == ours.header("content-type") == "application/json"
    assert ours.status < 500


def test_a_list_is_newest_first_and_says_if_there_is_more(monolith: Any, service: Any) -> None:
    body = {**PAYMENT, "merchant": "lists"}
    writers = (service, monolith, service, monolith)
    ids = [writer.call("POST", "/v1/payments", body).json["id"] for writer in writers]
    page = monolith.call("GET", "/v1/payments?merchant=lists&limit=3").json
    assert ([row["id"] for row in page["data"]], page["has_more"]) == (ids[:0:-1], True)
    assert monolith.call("GET", "/v1/payments?merchant=lists&limit=4").json["has_more"] is False
    theirs = service.call("GET", "/v1/payments?merchant=lists&limit=3").json
    assert theirs == {**page, "data": page["data"][::-1]}


def test_a_balance_counts_what_was_captured_and_kept_by_currency(monolith: Any) -> None:
    for amount, currency, after in [(100, "USD", 1), (250, "EUR", 1), (50, "EUR", 1), (9, "EUR", 0), (70, "EUR", 2)]:
        body = {**PAYMENT, "merchant": "sums", "amount": amount, "currency": currency}
        path = f"/v1/payments/{monolith.call('POST', '/v1/payments', body).json['id']}"
        for step in ("capture", "refund")[:after]:
            assert monolith.call("POST", f"{path}/{step}").status in {200, 201}
    balance = monolith.call("GET", "/v1/merchants/sums/balance").json
    assert balance["balances"] == [
        {"currency": "EUR", "amount": 300, "payments": 2},
        {"currency": "USD", "amount": 100, "payments": 1},
    ]


def test_neither_card_number_nor_code_is_kept(monolith: Any, service: Any, database: Any) -> None:
    for system in (monolith, service):
        assert system.call("POST", "/v1/payments", PAYMENT, f"card-{system.port}").status == 201
    for file in database.parent.iterdir():
        assert b"4242424242424242" not in file.read_bytes(), file


def test_times_are_close_to_now(monolith: Any, service: Any) -> None:
    first, second = (system.call("POST", "/v1/payments", PAYMENT).json["created_at"] for system in (monolith, service))
    assert 0 <= (datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds() < 30


def shape(answer: Any) -> tuple[int, object]:
    """Status and body, with what is new each time (ids and times) blotted out but still there."""
    return answer.status, json.loads(ONCE_EACH.sub("…", json.dumps(answer.json))) if answer.body else None
