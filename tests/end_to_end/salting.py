"""Published payment bodies salted with made-up secrets, in the spellings and kinds of body that clients use; and a
search for what was planted that shares no code with the redaction.

Law of this file: a planted word is `zz` and ten hex digits inside whatever it pretends to be, so that one search finds
any of them; numbers are found with whatever stands between their digits.
"""

import base64
import binascii
import gzip
import json
import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import quote, unquote, urlencode

from tests.support.made import grouped, iban, pan

SEPARATORS = ("", "", " ", "-", ".", "\u00a0", "\u2009")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass
class Planted:
    """What must not be found again. `words`: how many marked words."""

    chance: random.Random
    pans: set[str] = field(default_factory=set)
    ibans: set[str] = field(default_factory=set)
    words: int = 0

    def pan(self) -> str:
        made = pan(self.chance)
        self.pans.add(made)
        return made

    def iban(self) -> str:
        made = iban(self.chance)
        self.ibans.add(made)
        return made

    def word(self) -> str:
        self.words += 1
        return f"zz{self.chance.getrandbits(40):010x}"

    def spelled(self, number: str) -> str:
        return grouped(number, self.chance.choice(SEPARATORS))


def people(planted: Planted, number: str) -> dict[str, Any]:
    """One card and its holder, as a provider's answer tells them."""
    word = planted.word
    return {
        "card": {"number": planted.spelled(number), "cvc": "739", "last4": number[-4:], "bin": number[:6]},
        "holderName": f"Ann {word()}",
        "billing_details": {"name": word(), "email": f"{word()}@example.com", "phone": "+4917012345678"},
        "address": {"line1": f"1 {word()} Road", "city": "Berlin"},
        "iban": planted.spelled(planted.iban()),
        "access_token": word(),
        "note": f"paid by {planted.spelled(number)}, sk_live_{word()}, Bearer {word()}00000000",
    }


def as_json(planted: Planted, numbers: list[str], published: Any) -> tuple[bytes, str]:
    first, *rest = numbers
    packed = base64.b64encode(json.dumps({"pan": rest[0]}).encode()).decode()
    document = {
        "published": published,
        "people": [people(planted, number) for number in rest],
        "raw": int(first),
        first: planted.spelled(first),
        "blob": packed,
        "inner": json.dumps({"card_number": rest[-1], "cvv": 739}),
        "wide": first.translate(FULL_WIDTH),
    }
    return json.dumps(document, ensure_ascii=planted.chance.random() < 0.5).encode(), "application/json"


def as_ndjson(planted: Planted, numbers: list[str], published: Any) -> tuple[bytes, str]:
    lines = [json.dumps(people(planted, number)) for number in numbers]
    return "\n".join([json.dumps({"published": published}), *lines, ""]).encode(), "application/x-ndjson"


def as_form(planted: Planted, numbers: list[str], published: Any) -> tuple[bytes, str]:
    pairs = [(f"card[{at}][number]", planted.spelled(number)) for at, number in enumerate(numbers)]
    more = [("email", f"{planted.word()}@example.com"), ("first_name", planted.word()), ("iban", planted.iban())]
    back = quote(quote(f"https://shop/back?pan={numbers[0]}&cvc=739", safe=""), safe="")
    return urlencode([*pairs, *more, ("cvc", "739"), ("back", back)]).encode(), "application/x-www-form-urlencoded"


def as_xml(planted: Planted, numbers: list[str], published: Any) -> tuple[bytes, str]:
    cards = "".join(
        f"<c:card last4='{number[-4:]}'><c:number>{planted.spelled(number)}</c:number><c:cvc>739</c:cvc>"
        f"<c:holderName>{planted.word()}</c:holderName><c:note><![CDATA[{number}]]></c:note></c:card>"
        for number in numbers
    )
    text = f"<?xml version='1.0'?><p>{cards}<published>{escape(json.dumps(published))}</published></p>"
    return text.encode(), "application/xml"


def as_html(planted: Planted, numbers: list[str], published: Any) -> tuple[bytes, str]:
    rows = "".join(
        f'<p>{grouped(number, "<b></b>")}</p><input name="card_number" value="{number}"><input value="739" name="cvc">'
        f"<td>{''.join(f'&#{ord(digit)};' for digit in number)}</td>"
        for number in numbers
    )
    return f"<html><body>{rows}<a href='mailto:{planted.word()}@example.com'>x</a></body></html>".encode(), "text/html"


def as_csv(planted: Planted, numbers: list[str], published: Any) -> tuple[bytes, str]:
    lines = [f'{planted.spelled(number)},739,"Ann ""{planted.word()}""",{number[-4:]}' for number in numbers]
    return "\r\n".join(["card_number,cvc,holder_name,last4", *lines, ""]).encode(), "text/csv"


def as_multipart(planted: Planted, numbers: list[str], published: Any) -> tuple[bytes, str]:
    parts = [
        f'--zq\r\nContent-Disposition: form-data; name="card{at}"; filename="{number}.txt"\r\n\r\n'
        f"{planted.spelled(number)}\r\n"
        for at, number in enumerate(numbers)
    ]
    parts += [
        '--zq\r\nContent-Disposition: form-data; name="cvc"\r\n\r\n739\r\n',
        f'--zq\r\nContent-Disposition: form-data; name="holder_name"\r\n\r\n{planted.word()}\r\n',
        f"--zq\r\nContent-Type: application/json\r\n\r\n{json.dumps(people(planted, numbers[0]))}\r\n--zq--\r\n",
    ]
    return "".join(parts).encode(), "multipart/form-data; boundary=zq"


def as_text(planted: Planted, numbers: list[str], published: Any) -> tuple[bytes, str]:
    lines = [f"refund {planted.spelled(number)} cvc=739 to {planted.iban()}" for number in numbers]
    lines += [f"track %B{numbers[0]}^DOE/JOHN^25121011000012345678?", base64.b64encode(numbers[-1].encode()).decode()]
    return "\n".join(lines).encode(), "text/plain"


def as_broken_json(planted: Planted, numbers: list[str], published: Any) -> tuple[bytes, str]:
    body, _ = as_json(planted, numbers, published)
    return body[:-1], "application/json"


KINDS: dict[str, Callable[[Planted, list[str], Any], tuple[bytes, str]]] = {
    "json": as_json,
    "ndjson": as_ndjson,
    "form": as_form,
    "xml": as_xml,
    "html": as_html,
    "csv": as_csv,
    "multipart": as_multipart,
    "text": as_text,
    "broken": as_broken_json,
    "gzip": as_json,
}


@dataclass(frozen=True)
class Message:
    """What is sent, or answered: a body, its fields, and a target that has secrets of its own."""

    target: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def head(self) -> bytes:
        return b"".join(
            name + b": " + value + b"\r\n" for name, value in (*self.fields, (b"Content-Length", self.size))
        )

    @property
    def size(self) -> bytes:
        return str(len(self.body)).encode()


def message(planted: Planted, kind: str, number: int, published: Any) -> Message:
    """A message of one kind with `number` card numbers in its body and three more around it."""
    body, media = KINDS[kind](planted, [planted.pan() for _ in range(number)], published)
    in_path, in_query, in_field = planted.pan(), planted.pan(), planted.pan()
    target = (
        f"/{kind}/{in_path}?pan={quote(planted.spelled(in_query))}&email={planted.word()}%40example.com&{in_query}=1"
    )
    fields = [
        (b"Content-Type", media.encode()),
        (b"Authorization", f"Bearer {planted.word()}".encode()),
        (b"Cookie", f"session={planted.word()}".encode()),
        (b"X-Note", f"card {in_field}".encode()),
        (f"X-{in_field}".encode(), b"1"),
        (b"Referer", f"https://ann:{planted.word()}@shop/?n={in_field}".encode()),
    ]
    if kind == "gzip":
        body = gzip.compress(body)
        fields.append((b"Content-Encoding", b"gzip"))
    return Message(target.encode(), tuple(fields), body)


_WORD = re.compile(r"zz[0-9a-f]{10}")
_GAP = r"(?:[ \-.+_/\t\u00a0\u00ad\u2000-\u2015\u202f\u3000]|<[^<>]{0,40}>)"
_RUN = re.compile(rf"[0-9](?:{_GAP}{{0,6}}[0-9]){{12,}}")
_CODE = re.compile(r"(?i)(?:cvc|cvv)2?[^0-9a-z]{1,24}739(?![0-9])|value=\"739\"")
_LAST = re.compile(r"(?i)last4[^0-9a-z]{1,8}[0-9]{4}(?![0-9])")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")


def found(planted: Planted, data: bytes) -> Iterator[str]:
    """What of the planted stands in the data, in any spelling, each with the way it is spelled."""
    for how, text in _spellings(data):
        yield from (f"{how}: {match[0]}" for pattern in (_WORD, _CODE, _LAST) for match in pattern.finditer(text))
        yield from (f"{how}: card number {number}" for number in _numbers(planted, text))
        bare = re.sub(r"[\s\-.+_\u00a0\u2009]|%20", "", text)
        yield from (f"{how}: {each}" for each in planted.ibans if each in bare)


def _numbers(planted: Planted, text: str) -> Iterator[str]:
    for run in _RUN.finditer(text):
        digits = re.sub("[^0-9]", "", re.sub("<[^<>]*>", "", run[0]))
        yield from (
            digits[start : start + length]
            for length in (14, 15, 16, 19)
            for start in range(len(digits) - length + 1)
            if digits[start : start + length] in planted.pans
        )


def _spellings(data: bytes, depth: int = 0) -> Iterator[tuple[str, str]]:
    text = _plain(data.decode("utf-8", "replace"))
    yield "as it is", text
    once = unquote(text)
    twice = unquote(once)
    yield from (("percent-encoded", each) for each in dict.fromkeys((once, twice)) if each != text)
    if "&#" in text or "\\u00" in text:
        entities = re.sub(r"&#([0-9]+);", lambda match: chr(int(match[1])), text)
        yield "escaped", re.sub(r"\\u00([0-9a-f]{2})", lambda match: chr(int(match[1], 16)), entities)
    if depth < 3:
        yield from (
            (f"base64, {how}", inner) for octets in _unpacked(text) for how, inner in _spellings(octets, depth + 1)
        )


def _plain(text: str) -> str:
    if text.isascii():
        return text
    return re.sub(r"[^\D\x00-\x7f]", lambda match: str(unicodedata.decimal(match[0])), text)


def _unpacked(text: str) -> Iterable[bytes]:
    joined: list[bytes] = []
    for run in _BASE64.findall(text):
        bare = run.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            octets = binascii.a2b_base64(bare[: len(bare) - (len(bare) % 4 == 1)] + "==")
        except ValueError:
            continue
        if octets.isascii():
            joined.append(octets)
    return joined
