"""Bodies: JSON, XML, forms, tables and parts in place, other text by search; what cannot be read is not kept.

Law of this file: in doubt a body is withheld, which leaves its length and a keyed token: equal bodies stay equal. A
body under a content coding is kept decoded, so that it can be read.
"""

import re
from dataclasses import dataclass
from functools import partial

from comparators.codings import Unreadable, decoded
from proxy.messages import Headers
from proxy.redaction.cards import TooManyCandidates
from proxy.redaction.form import redact_form
from proxy.redaction.fragment import names_nothing
from proxy.redaction.headers import HeaderRules
from proxy.redaction.json_text import JsonText
from proxy.redaction.keys import Telling
from proxy.redaction.markup import redact_markup
from proxy.redaction.multipart import boundary_of, redact_multipart
from proxy.redaction.place import Places
from proxy.redaction.prefilter import is_clean, is_spelled
from proxy.redaction.table import redact_table
from proxy.redaction.text import scan
from proxy.redaction.values import Values

MAX_BODY = 1 << 20
"""Bytes of a body that is kept, before and after redaction. A longer one is withheld."""

_MAX_NESTED = 4
_CHARSET = re.compile(
    rb"(?i)charset\s*=\s*\"?(?!utf-?8|(?:us-)?ascii|iso-?8859|latin|windows-125|cp125|koi8|euc-|shift_jis|gb|big5)"
)
"""One in which digits are no ASCII digits, such as UTF-16 or EBCDIC."""
_WITHHELD = re.compile(rb"\[[a-z ]{6,16}: [0-9]{1,12} bytes, body_[a-z_]{16,21}\]")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\x0b\x0c\r\x1b\x1e")) + b"\x7f"
_TEXTUAL = ("text/", "json", "xml", "javascript", "x-www-form-urlencoded")


@dataclass(frozen=True, slots=True)
class _Declared:
    """What the headers say: the content type as it is, the media type in lower case, and the codings as applied."""

    content_type: bytes
    media: str
    codings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A body to keep. `decoded_from`: the content codings that were taken off it, or ""."""

    body: bytes
    decoded_from: str = ""


class Bodies:
    """Redacts bodies. `needed` are names without which no rule's path matches; None: any JSON body may match."""

    def __init__(
        self, values: Values, places: Places, needed: tuple[str, ...] | None, headers: HeaderRules | None = None
    ) -> None:
        self._values = values
        self._places = places
        self._json = JsonText(values, places)
        self._needed = None if needed is None else tuple(_spelled(name) for name in needed)
        self._headers = headers or HeaderRules(values, places, ())

    def kept(self, body: bytes, headers: Headers) -> Kept:
        """The body to keep, never longer than MAX_BODY. Never raises."""
        if _WITHHELD.fullmatch(body):
            return Kept(body)
        declared = _declared(headers)
        if not body or not declared.codings:
            return Kept(self._plain(body, declared))
        try:
            octets = decoded(body, declared.codings)
        except Unreadable:
            return Kept(self._withheld(body, "encoded"))
        return Kept(self._plain(octets, declared), ", ".join(declared.codings))

    def redact(self, body: bytes, headers: Headers) -> bytes:
        """The body alone."""
        return self.kept(body, headers).body

    def fragment(self, text: str, media: str) -> str:
        """A piece of a body of this kind, such as one line. Raises TooManyCandidates."""
        if names_nothing(text, media):
            return self._values.named(text, Telling.SECRET, False)
        if "form-urlencoded" in media:
            return redact_form(text, self._values, self._places)
        text = self._json.redact_beginning(text) if text.lstrip()[:1] in ("{", "[") else text
        return redact_markup(text, self._values, self._places) if "<" in text else scan(text, self._values.tokens)

    def _plain(self, body: bytes, declared: _Declared, depth: int = 0) -> bytes:
        if not body:
            return body
        if len(body) > MAX_BODY:
            return self._withheld(body, "too long")
        boundary = boundary_of(declared.content_type)
        if boundary is not None and depth < _MAX_NESTED:
            parts = redact_multipart(body, boundary, partial(self._part, depth + 1), self._headers.redact)
            if parts is not None:
                return parts if len(parts) <= MAX_BODY else self._withheld(body, "too long")
        if _CHARSET.search(declared.content_type):
            return self._withheld(body, "unreadable")
        codec = _codec(body, declared)
        if codec is None:
            return self._withheld(body, "binary")
        try:
            if not self._may_match(body) and is_clean(body, codec):
                return body
            return self._searched(body, codec, declared)
        except TooManyCandidates:
            return self._withheld(body, "too many digits")

    def _part(self, depth: int, name: str, content: bytes, fields: Headers) -> bytes:
        """One part of a multipart body: by its name if it tells something, else as a body."""
        place = self._places.below(self._places.top, name)
        if place.telling is Telling.NOTHING and not place.by_rule:
            return self._plain(content, _declared(fields), depth)
        text = content.decode("utf-8", "surrogateescape")
        try:
            clean = self._values.named(text, place.telling, place.by_rule)
        except TooManyCandidates:
            return self._withheld(content, "too many digits")
        return clean.encode("utf-8", "surrogateescape")

    def _searched(self, body: bytes, codec: str, declared: _Declared) -> bytes:
        text = body.decode(codec)
        clean = self._text(text, body, declared)
        if clean is None:
            return self._withheld(body, "unreadable")
        if clean == text:
            return body
        kept = clean.encode(codec, "backslashreplace")
        return kept if len(kept) <= MAX_BODY else self._withheld(body, "too long")

    def _text(self, text: str, body: bytes, declared: _Declared) -> str | None:
        if "form-urlencoded" in declared.media:
            return redact_form(text, self._values, self._places)
        start = text.lstrip("\ufeff \t\r\n")[:1]
        if "json" in declared.media or start in ("{", "["):
            bom = "\ufeff" if text.startswith("\ufeff") else ""
            clean = self._json.redact(text[len(bom) :])
            if clean is not None:
                return bom + clean
            if self._may_match(body):
                return None
            text = self._json.redact_beginning(text)
        if start == "<" or declared.media.endswith("xml"):
            return redact_markup(text, self._values, self._places)
        if declared.media.endswith("/csv"):
            return redact_table(text, self._values, self._places)
        return scan(text, self._values.tokens)

    def _may_match(self, body: bytes) -> bool:
        """Whether a rule's path could name something in this body."""
        if self._needed is None:
            return True
        return any(name in body for name in self._needed) or (bool(self._needed) and is_spelled(body))

    def _withheld(self, body: bytes, why: str) -> bytes:
        return f"[{why}: {len(body)} bytes, {self._values.tokens.body(body)}]".encode()


def media_of(headers: Headers) -> str:
    """The media type that the headers declare, in lower case."""
    return _declared(headers).media


def _declared(headers: Headers) -> _Declared:
    content_type, codings = b"", b""
    for name, value in headers:
        if len(name) == 12 and not content_type and name.lower() == b"content-type":
            content_type = value.strip()
        elif len(name) == 16 and name.lower() == b"content-encoding":
            codings += b"," + value
    media = content_type.partition(b";")[0].strip().lower().decode("latin-1")
    tokens = (token.strip().lower() for token in codings.decode("latin-1").split(",")) if codings else ()
    return _Declared(content_type, media, tuple(token for token in tokens if token not in ("", "identity")))


def _codec(body: bytes, declared: _Declared) -> str | None:
    """How to read the body as text, or None if it is binary."""
    if len(body.translate(None, _CONTROLS)) != len(body):
        return None
    try:
        body.decode()
    except UnicodeDecodeError:
        return "latin-1" if any(part in declared.media for part in _TEXTUAL) else None
    return "utf-8"


def _spelled(name: str) -> bytes:
    return name.encode(errors="surrogatepass")
