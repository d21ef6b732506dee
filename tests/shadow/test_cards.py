"""Stand-ins: of the same brand and length, the same again, and never a real card."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.messages import Headers, Request, Response
from proxy.redaction.cards import has_issuer, luhn
from proxy.shadow.cards import TEST_NUMBERS, Hidden, Substitutes, holds_card, restored, stand_ins
from proxy.shadow.substitution import changed_answer, changed_request

KEY = b"0123456789abcdef0123456789abcdef"
SUBSTITUTES = Substitutes(KEY)
JSON: Headers = ((b"Content-Type", b"application/json"),)
FORM: Headers = ((b"Content-Type", b"application/x-www-form-urlencoded"),)
REAL = "4539148803436467"


def request(body: bytes = b"", headers: Headers = JSON, target: bytes = b"/v1/payments") -> Request:
    return Request(b"POST", target, headers, body)


def harmless(asked: Request) -> Request:
    return changed_request(asked, stand_ins(asked, SUBSTITUTES))


def numbers() -> st.SearchStrategy[str]:
    def with_check(body: str) -> str:
        return next(f"{body}{check}" for check in range(10) if luhn(f"{body}{check}"))

    starts = st.sampled_from(["4539", "5425", "3742", "3714", "6011", "3569", "3622", "6212", "5018"])
    return st.builds(
        lambda start, rest: with_check(f"{start}{rest:09}"), starts, st.integers(0, 10**9 - 1)
    ) | st.builds(lambda start, rest: with_check(f"{start}{rest:011}"), starts, st.integers(0, 10**11 - 1))


def test_the_test_numbers_are_card_numbers() -> None:
    assert all(luhn(number) and has_issuer(number) for number in TEST_NUMBERS)


@given(numbers())
def test_a_stand_in_is_a_test_number_of_the_same_length(digits: str) -> None:
    stand_in = SUBSTITUTES.card(digits)
    assert len(stand_in) == len(digits)
    assert luhn(stand_in)
    assert stand_in == SUBSTITUTES.card(digits) == SUBSTITUTES.card(stand_in) or stand_in not in TEST_NUMBERS
    assert stand_in[0] == digits[0] or {stand_in[:2], digits[:2]} <= {
        *map(str, range(51, 56)),
        *map(str, range(22, 28)),
    }


def test_a_test_number_stays_itself() -> None:
    assert all(SUBSTITUTES.card(number) == number for number in TEST_NUMBERS)


@pytest.mark.parametrize(
    "asked",
    [
        request(json.dumps({"card": {"number": REAL}}).encode()),
        request(json.dumps({"note": f"card {REAL[:4]} {REAL[4:8]} {REAL[8:12]} {REAL[12:]} please"}).encode()),
        request(b'{"n": "\\u0034539148803436467"}'),
        request(f'{{"n": {REAL}}}'.encode()),
        request(f"card%5Bnumber%5D={REAL}".encode(), FORM),
        request(target=f"/v1/cards/{REAL}?x=1".encode()),
        request(target=b"/v1/cards?n=%34" + REAL[1:].encode()),
        request(headers=((b"X-Card", REAL.encode()),)),
        request(f"<pan>{REAL}</pan>".encode(), ((b"Content-Type", b"text/xml"),)),
    ],
)
def test_a_card_number_is_found_and_replaced_wherever_it_is(asked: Request) -> None:
    assert holds_card(asked)
    clean = harmless(asked)
    raw = clean.target + b"".join(value for _, value in clean.headers) + clean.body
    assert REAL.encode() not in raw
    assert REAL[8:12].encode() not in raw
    assert SUBSTITUTES.card(REAL)[:4].encode() in raw


def test_grouping_stays() -> None:
    grouped = " ".join(REAL[place : place + 4] for place in range(0, 16, 4))
    stand_in = SUBSTITUTES.card(REAL)
    assert SUBSTITUTES.text(f"a {grouped} b") == "a " + " ".join(stand_in[p : p + 4] for p in range(0, 16, 4)) + " b"


def test_addresses_urls_and_codes_lead_nowhere() -> None:
    asked = request(
        b'{"email":"ann@shop.example","callback_url":"https://shop.example/hook?a=1","cvc":"737","amount":737}'
    )
    clean = json.loads(harmless(asked).body)
    assert clean["email"].endswith("@sink.invalid")
    assert clean["callback_url"].endswith(".sink.invalid/")
    assert clean["amount"] == 737
    assert len(clean["cvc"]) == 3
    form = harmless(request(b"email=ann%40shop.example&return_url=https%3A%2F%2Fshop.example%2F&a=b", FORM)).body
    assert b"shop.example" not in form
    assert form.endswith(b"&a=b")
    assert json.loads(harmless(asked).body) == clean, "repeatable"


@pytest.mark.parametrize(
    "asked", [request(b"\x1f\x8b\x08", ((b"Content-Encoding", b"gzip"),)), request(b"\x00\x01", ())]
)
def test_what_cannot_be_read_is_said(asked: Request) -> None:
    with pytest.raises(Hidden):
        holds_card(asked)
    with pytest.raises(Hidden):
        stand_ins(asked, SUBSTITUTES)


def test_nothing_is_found_in_an_ordinary_request() -> None:
    asked = request(b'{"amount": 1000, "id": "pay_1234567890123456"}', (*JSON, (b"Authorization", b"Bearer x")))
    assert not holds_card(asked)
    assert harmless(asked) is asked


def test_a_stand_in_that_comes_back_is_what_it_stood_for() -> None:
    email = "ann@shop.example"
    ours = Response(200, b"", JSON, json.dumps({"email": email, "support": "help@psp.example"}).encode())
    echoed = json.dumps({"email": SUBSTITUTES.email(email), "support": "help@psp.example"}).encode()
    theirs = Response(200, b"", JSON, echoed)
    assert changed_answer(theirs, restored(ours, theirs, SUBSTITUTES)).body == ours.body
    other = Response(200, b"", JSON, b'{"email": "x@y.zz"}')
    assert restored(ours, other, SUBSTITUTES) == []
    assert restored(ours, Response(200, b"", (), b"<"), SUBSTITUTES) == []
