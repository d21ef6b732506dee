"""Bodies: JSON in place, forms by pairs, other text by search; what cannot be read is not kept.

Law of this file: in doubt a body is withheld, which leaves its length and a keyed token: equal bodies stay equal.
"""

from dataclasses import dataclass

from proxy.messages import Headers
from proxy.redaction.cards import TooManyCandidates
from proxy.redaction.form import redact_form
from proxy.redaction.json_text import JsonText
from proxy.redaction.place import Places
from proxy.redaction.prefilter import is_clean, is_spelled
from proxy.redaction.text import scan
from proxy.redaction.values import Values

MAX_BODY = 1 << 20
"""Bytes of a body that is kept, before and after redaction. A longer one is withheld."""

_CONTROLS = bytes(set(range(32)) - set(b"\t\n\x0b\x0c\r\x1b\x1e")) + b"\x7f"
_TEXTUAL = ("text/", "json", "xml", "javascript", "x-www-form-urlencoded")


@dataclass(frozen=True, slots=True)
class _Declared:
    """What the headers say: the media type in lower case, and whether a content coding hides the body."""

    media: str
    is_coded: bool


class Bodies:
    """Redacts bodies. `needed` are names without which no rule's path matches; None: any JSON body may match."""

    def __init__(self, values: Values, places: Places, needed: tuple[str, ...] | None) -> None:
        self._values = values
        self._places = places
        self._json = JsonText(values, places)
        self._needed = None if needed is None else tuple(_spelled(name) for name in needed)

    def redact(self, body: bytes, headers: Headers) -> bytes:
        """The body to keep. Never raises, never longer than MAX_BODY."""
        if not body:
            return body
        declared = _declared(headers)
        if len(body) > MAX_BODY:
            return self._withheld(body, "too long")
        if declared.is_coded:
            return self._withheld(body, "encoded")
        codec = _codec(body, declared)
        if codec is None:
            return self._withheld(body, "binary")
        try:
            if not self._may_match(body) and is_clean(body, codec):
                return body
            return self._searched(body, codec, declared)
        except TooManyCandidates:
            return self._withheld(body, "too many digits")

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
        claims_json = "json" in declared.media
        if claims_json or text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
            bom = "\ufeff" if text.startswith("\ufeff") else ""
            clean = self._json.redact(text[len(bom) :])
            if clean is not None:
                return bom + clean
            if self._may_match(body):
                return None
        return scan(text, self._values.tokens)

    def _may_match(self, body: bytes) -> bool:
        """Whether a rule's path could name something in this body."""
        if self._needed is None:
            return True
        return any(name in body for name in self._needed) or (bool(self._needed) and is_spelled(body))

    def _withheld(self, body: bytes, why: str) -> bytes:
        return f"[{why}: {len(body)} bytes, {self._values.tokens.body(body)}]".encode()


def _declared(headers: Headers) -> _Declared:
    media, coded = "", False
    for name, value in headers:
        if len(name) == 12 and not media and name.lower() == b"content-type":
            media = value.partition(b";")[0].strip().lower().decode("latin-1")
        elif len(name) == 16 and name.lower() == b"content-encoding":
            coded = coded or value.strip().lower() not in (b"", b"identity")
    return _Declared(media, coded)


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
