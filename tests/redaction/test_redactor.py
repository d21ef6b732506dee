"""Whole messages: no generated card number survives, equal stays equal, twice is once, and nothing raises."""

import base64
import json
import sys
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.messages import (
    Exchange,
    Failure,
    FailureKind,
    Headers,
    Hop,
    Observation,
    Plan,
    Request,
    Response,
    Stage,
    System,
)
from proxy.redaction import RedactionRules, Redactor
from proxy.redaction.cards import find_cards, luhn
from tests.support.examples import examples

REDACTOR = Redactor(RedactionRules(("$..holder",), ("x-merchant",)), b"k" * 32)
CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora" / "payments"
JSON: Headers = ((b"Content-Type", b"application/json"),)
FORM: Headers = ((b"Content-Type", b"application/x-www-form-urlencoded"),)

PANS = st.tuples(
    st.sampled_from(["4", "51", "55", "2221", "34", "37", "6011", "65", "3528", "62", "5018"]),
    st.text("0123456789", min_size=18, max_size=18),
).map(lambda parts: _completed(*parts))


def _completed(prefix: str, filler: str) -> str:
    body = (prefix + filler)[: 14 if prefix in ("34", "37") else 15]
    return next(body + str(check) for check in range(10) if luhn(body + str(check)))


def request(body: bytes, headers: Headers, target: bytes = b"/") -> Request:
    return REDACTOR.request(Request(b"POST", target, headers, body))


@given(PANS, st.sampled_from(["", " ", "-"]), st.text(max_size=8))
def test_no_card_number_survives_anywhere(pan: str, separator: str, around: str) -> None:
    grouped = separator.join(pan[at : at + 4] for at in range(0, len(pan), 4))
    clear = f"{around} {grouped} {around}"
    document = json.dumps({"a": [clear, int(pan)], grouped: {"deep": [{"x": grouped}]}}).encode()
    for kept in (
        request(document, JSON).body,
        request(f"a={grouped.replace(' ', '+')}&b={around}".encode(errors="replace"), FORM).body,
        request(clear.encode(errors="replace"), ()).body,
        request(b"", ((b"X-Note", grouped.encode()),)).headers[0][1],
        request(b"", (), f"/cards/{pan}?n={grouped.replace(' ', '%20')}".encode()).target,
    ):
        text = kept.decode()
        assert pan not in text
        assert grouped not in text
        assert "pan_" in text or "[binary" in text


@given(PANS, PANS)
def test_equal_in_equal_out_and_different_stays_different(one: str, other: str) -> None:
    first, again, second = (request(json.dumps({"n": pan}).encode(), JSON).body for pan in (one, one, other))
    assert first == again
    assert (first == second) == (one == other)


SECRETS = st.sampled_from(["cvc", "holderName", "email", "last4", "access_token", "iban", "note", "amount", "x"])
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12) | PANS
DOCUMENTS = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SECRETS | PANS, inner, max_size=4),
    max_leaves=12,
)


def shape(value: object) -> object:
    """What holds what; only scalars may change, and names that are card numbers."""
    if isinstance(value, dict):
        return ["object", *map(shape, value.values())]
    return ["array", *map(shape, value)] if isinstance(value, list) else "scalar"


@settings(max_examples=examples(200))
@given(st.dictionaries(SECRETS | PANS, DOCUMENTS, min_size=1, max_size=4))
def test_json_stays_json_of_the_same_shape(document: dict[str, object]) -> None:
    kept = json.loads(request(json.dumps(document).encode(), JSON).body)
    assert shape(kept) == shape(document)


@settings(max_examples=examples(100))
@given(PANS, st.sampled_from(["number", "note", "x", "card_number"]), st.integers(0, 3), st.booleans())
def test_however_deep_it_is_packed(pan: str, name: str, depth: int, percent: bool) -> None:
    text = json.dumps({name: pan})
    for _ in range(depth):
        text = quote(text, safe="") if percent else base64.b64encode(text.encode()).decode()
    kept = request(json.dumps({"blob": text}).encode(), JSON)
    for _ in range(depth + 1):
        assert pan not in kept.body.decode()
        kept = Request(
            b"", b"", (), _once_unpacked(json.loads(kept.body)["blob"] if b"blob" in kept.body else "", percent)
        )


def _once_unpacked(text: str, percent: bool) -> bytes:
    if percent:
        return unquote(text).encode()
    try:
        return base64.b64decode(text + "==")
    except ValueError:
        return b""


@pytest.mark.parametrize("unit", ["4111 ", "4", "%34", "a@b.c ", "DE89 ", '{"a":', "NDExMTEx", "<a>", "&#52;", "*4 "])
def test_the_work_grows_with_the_length_and_no_faster(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in calls of Python and of its library, not in seconds."""
    small, large = (_calls((unit * (size // len(unit))).encode()) for size in (5_000, 20_000))
    assert large <= 4.5 * small + 2_000


def _calls(body: bytes) -> int:
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        request(body, ())
    finally:
        sys.setprofile(None)
    return calls


@settings(max_examples=examples(200))
@given(
    st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode(errors="surrogatepass")),
    st.sampled_from([JSON, FORM, (), ((b"content-type", b"text/xml"),), ((b"\xff", b"\x00"),)]),
    st.binary(max_size=60),
)
def test_it_never_raises_and_twice_is_once(body: bytes, headers: Headers, target: bytes) -> None:
    once = REDACTOR.request(Request(b"GET", target, headers, body))
    assert REDACTOR.request(once) == once


@pytest.mark.parametrize(
    "body", [b'{"holder":' * 5_000, b"[" * 30_000, b'"' + b"\\" * 9_999, b"%" * 9_999, b"cvc" * 30_000]
)
def test_hostile_bodies_are_answered(body: bytes) -> None:
    assert len(request(body, JSON).body) <= len(body) + 100


def test_a_whole_exchange_and_a_failure() -> None:
    plan = Plan("r", Stage.SHADOW, System.LEGACY, "monolith", "payments", "stage shadow")
    answer = Response(200, b"OK", (*JSON, (b"Set-Cookie", b"sid=1")), b'{"cvc":"123"}')
    asked = Request(b"GET", b"/?cvc=123", ((b"Authorization", b"Basic x"),), b"")
    primary = Observation(System.LEGACY, "monolith", answer, 0.1)
    exchange = Exchange("x1", 1.0, "t", Hop(b"192.0.2.7", False, False), asked, plan, primary)
    clean = REDACTOR.exchange(exchange)
    assert clean.request.target == b"/?cvc=cvc_removed"
    assert clean.request.headers[0][1].startswith(b"secret_")
    assert isinstance(clean.primary.outcome, Response)
    assert clean.primary.outcome.body == b'{"cvc":"cvc_removed"}'
    assert clean.primary.outcome.headers[1][1].startswith(b"secret_")
    failure = Observation(System.CANDIDATE, "payments", Failure(FailureKind.GARBAGE, True, "got 4111111111111111"), 0.1)
    outcome = REDACTOR.observation(failure).outcome
    assert isinstance(outcome, Failure)
    assert outcome.detail.startswith("got pan_")


def test_words_of_our_own() -> None:
    assert REDACTOR.text("ends after 4111111111111111").startswith("ends after pan_")
    assert REDACTOR.text("4 " * 20_000).startswith("secret_")


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora of published payment bodies are not on this machine")
def test_published_bodies_lose_card_numbers_only() -> None:
    """Every 5th published body: what is taken for a card number is one by the name before it."""
    lines = [line for file in sorted(CORPORA.glob("*.jsonl")) for line in file.read_text().splitlines()[::5]]
    tokens = false = 0
    for line in lines:
        for side in ("request", "response"):
            body = json.loads(line).get(side)
            if body is None:
                continue
            clear = body if isinstance(body, str) else json.dumps(body)
            kept = request(clear.encode(), JSON).body.decode()
            assert find_cards(kept) == []
            tokens += kept.count("pan_")
            false += sum(_is_order_number(clear, card.start) for card in find_cards(clear))
    assert len(lines) > 500
    assert tokens > 0
    assert false / len(lines) < 0.001


def _is_order_number(text: str, start: int) -> bool:
    before = text[max(0, start - 40) : start].lower()
    return not any(word in before for word in ("number", "pan", "card", "token", "accountreference"))
