"""Card numbers, e-mail addresses and URLs in a copy, and what stands in for them in a sandbox. Pure.

Law of this file: repeatable, so that one card is one card in the sandbox too, and harmless: a card number becomes one
that its scheme or a large acquirer publishes for tests, of the same brand and length where there is one; an address or
URL becomes one below `.invalid`, which leads nowhere (RFC 2606). What cannot be read is said to be so, and never sent.
"""

import hmac
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote_plus

from proxy.messages import Headers, Request, Response, folded
from proxy.redaction.cards import Card, TooManyCandidates, find_cards, luhn
from proxy.redaction.keys import Telling, telling
from proxy.redaction.paths import PathSet
from proxy.routing.ids import Part, Spelling, spelled
from proxy.routing.json_spans import NotJsonText, Span, find_spans
from proxy.routing.target import split_target
from proxy.shadow.substitution import Change

TEST_NUMBERS: Final = (
    "4242424242424242",
    "4111111111111111",
    "4012888888881881",
    "4000056655665556",
    "4222222222222",
    "5555555555554444",
    "5105105105105100",
    "5200828282828210",
    "2223003122003222",
    "378282246310005",
    "371449635398431",
    "6011111111111117",
    "6011000990139424",
    "3056930009020004",
    "30569309025904",
    "38520000023237",
    "36227206271667",
    "3530111333300000",
    "3566002020360505",
    "6200000000000005",
)
"""Published for tests by the schemes and by acquirers; none was ever given out."""

_EVERYTHING: Final = PathSet(("$", "$..*"))
_EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[A-Za-z0-9.-]{1,253}\.[A-Za-z]{2,63}")
_URL = re.compile(r"(?i)https?://[^\s/?#\"<>]+[^\s\"<>]*")
_CODE = re.compile(r"[0-9]{3,4}")
_DIGIT = re.compile(r"[0-9]")
_BINARY = bytes(set(range(32)) - set(b"\t\n\x0b\x0c\r"))
_FORM = b"application/x-www-form-urlencoded"
_MASTERCARD = ("51", "52", "53", "54", "55", "22", "23", "24", "25", "26", "27")
_BRANDS = (("34", "37"), ("30", "36", "38", "39"), ("35",), ("62",), ("60", "64", "65"), _MASTERCARD, ("4",))


class Hidden(Exception):
    """Whether a message holds a card number cannot be told."""


class Substitutes:
    """What stands in for what, under one key."""

    def __init__(self, key: bytes) -> None:
        self._hmac = hmac.new(key, b"substitutes", "sha256")

    def card(self, digits: str) -> str:
        """A test number of the same length, and of the same brand if one is published; itself if it is one."""
        if digits in TEST_NUMBERS:
            return digits
        brand = next((each for each in _BRANDS if digits.startswith(each)), ())
        alike = [each for each in TEST_NUMBERS if each.startswith(brand) and len(each) == len(digits)]
        number = int(self._keyed("card", digits)[:16], 16)
        return alike[number % len(alike)] if brand and alike else _numbered(digits, number)

    def code(self, digits: str) -> str:
        """A card's security code."""
        return str(int(self._keyed("code", digits)[:16], 16))[-len(digits) :]

    def email(self, address: str) -> str:
        return f"{self._keyed('email', address)[:16]}@sink.invalid"

    def url(self, url: str) -> str:
        return f"https://{self._keyed('url', url)[:16]}.sink.invalid/"

    def text(self, text: str) -> str:
        """A whole value: an address, a URL, or a text with card numbers in it. Raises TooManyCandidates."""
        if _EMAIL.fullmatch(text):
            return self.email(text)
        return self.url(text) if _URL.fullmatch(text) else self.without_cards(text)

    def without_cards(self, text: str) -> str:
        """Digit by digit, so that grouping stays. Raises TooManyCandidates."""
        parts: list[str] = []
        place = 0
        for card in find_cards(text):
            parts += text[place : card.start], _regrouped(text, card, self.card(card.digits))
            place = card.end
        return "".join(parts) + text[place:] if parts else text

    def named(self, text: str, name: str, parent: str) -> str:
        """A value by its name too."""
        if telling(name, parent) in (Telling.CVC, Telling.CVC_IF_DIGITS) and _CODE.fullmatch(text):
            return self.code(text)
        return self.text(text)

    def _keyed(self, kind: str, value: str) -> str:
        state = self._hmac.copy()
        state.update(f"{kind}\0{value}".encode(errors="surrogatepass"))
        return state.hexdigest()


def holds_card(request: Request) -> bool:
    """Whether a card number is anywhere in a request. Raises Hidden."""
    try:
        return any(find_cards(text) for text in _texts(request))
    except TooManyCandidates:
        raise Hidden from None


def stand_ins(request: Request, substitutes: Substitutes) -> list[Change]:
    """The changes that leave no card number, address or URL in it. Raises Hidden."""
    try:
        outside = [*_in_target(request.target, substitutes), *_in_headers(request.headers, substitutes)]
        return [*outside, *_in_body(request, substitutes)]
    except TooManyCandidates:
        raise Hidden from None


def restored(primary: Response, shadow: Response, substitutes: Substitutes) -> list[Change]:
    """The changes in a shadow's answer that put back what a stand-in stands for, where the primary's answer has it."""
    try:
        ours, theirs = find_spans(primary.body, _EVERYTHING), find_spans(shadow.body, _EVERYTHING)
    except NotJsonText:
        return []
    originals = {stand_in: text for text in _values(ours) if (stand_in := _stand_in(text, substitutes)) != text}
    return [
        Change(Part.BODY, span.start, span.end, spelled(originals[span.text], Spelling.STRING))
        for span in theirs
        if span.quoted and span.text in originals
    ]


def _stand_in(text: str, substitutes: Substitutes) -> str:
    try:
        return substitutes.text(text)
    except TooManyCandidates:
        return text


def _values(spans: list[Span]) -> set[str]:
    return {span.text for span in spans if span.quoted}


def _texts(request: Request) -> Iterator[str]:
    """All texts of a request, as they are read and as they are decoded."""
    for raw in (request.target, *(value for _, value in request.headers)):
        text = raw.decode("latin-1")
        yield text
        if "%" in text:
            yield unquote_plus(text)
    body = request.body
    if not body:
        return
    _require_text(request)
    text = body.decode("latin-1")
    yield text
    if "%" in text:
        yield unquote_plus(text)
    if "\\" in text:
        yield from (span.text for span in _spans(body))


def _require_text(request: Request) -> None:
    coded = any(
        folded(name) == b"content-encoding" and value.strip().lower() not in (b"", b"identity")
        for name, value in request.headers
    )
    if coded or len(request.body.translate(None, _BINARY)) != len(request.body):
        raise Hidden


def _spans(body: bytes) -> list[Span]:
    try:
        return find_spans(body, _EVERYTHING)
    except NotJsonText:
        return []


def _in_target(target: bytes, substitutes: Substitutes) -> Iterator[Change]:
    query = split_target(target)[1]
    start = len(target) - len(query)
    head = target[:start].decode("latin-1")
    if (clean := substitutes.without_cards(head)) != head:
        yield Change(Part.TARGET, 0, start, clean.encode("latin-1"))
    yield from _in_pairs(query, start, Part.TARGET, substitutes)


def _in_headers(headers: Headers, substitutes: Substitutes) -> Iterator[Change]:
    for number, (_, value) in enumerate(headers):
        text = value.decode("latin-1")
        if (clean := substitutes.without_cards(text)) != text:
            yield Change(Part.HEADER, 0, len(value), clean.encode("latin-1"), number)


def _in_body(request: Request, substitutes: Substitutes) -> Iterator[Change]:
    body = request.body
    if not body:
        return
    _require_text(request)
    media = next((value for name, value in request.headers if folded(name) == b"content-type"), b"")
    if media.partition(b";")[0].strip().lower() == _FORM:
        yield from _in_pairs(body, 0, Part.BODY, substitutes)
        return
    try:
        spans = find_spans(body, _EVERYTHING)
    except NotJsonText:
        text = body.decode("latin-1")
        if (clean := substitutes.without_cards(text)) != text:
            yield Change(Part.BODY, 0, len(body), clean.encode("latin-1"))
        return
    for span in spans:
        name, parent = _names(span)
        clean = substitutes.named(span.text, name, parent)
        if clean != span.text:
            spelling = Spelling.STRING if span.quoted else Spelling.NUMBER
            yield Change(Part.BODY, span.start, span.end, spelled(clean, spelling))


def _names(span: Span) -> tuple[str, str]:
    names = [step for step in span.steps if isinstance(step, str)]
    return (names[-1] if names else "", names[-2] if len(names) > 1 else "")


def _in_pairs(raw: bytes, start: int, part: Part, substitutes: Substitutes) -> Iterator[Change]:
    for pair in raw.split(b"&"):
        name, sign, value = pair.partition(b"=")
        at = start + len(name) + len(sign)
        steps = re.findall(r"[^\[\]]+", unquote_plus(name.decode("latin-1"))[:1024])
        text = unquote_plus(value.decode("latin-1"), errors="surrogateescape")
        clean = substitutes.named(text, steps[-1] if steps else "", steps[-2] if len(steps) > 1 else "")
        if clean != text:
            yield Change(part, at, at + len(value), spelled(clean, Spelling.FORM))
        start += len(pair) + 1


def _regrouped(text: str, card: Card, digits: str) -> str:
    """The digits of a card as its text grouped them."""
    raw = text[card.start : card.end]
    if len(_DIGIT.findall(raw)) != len(digits):  # spelled with %20 or an exponent
        return digits
    following = iter(digits)
    return _DIGIT.sub(lambda _: next(following), raw)


def _numbered(digits: str, number: int) -> str:
    """A number of that length, of the same first digits and a check digit; zeros make it one that no bank gives out."""
    body = f"{digits[:2]}{'0' * (len(digits) - 7)}{number % 10_000:04}"
    return next(f"{body}{check}" for check in range(10) if luhn(f"{body}{check}"))
