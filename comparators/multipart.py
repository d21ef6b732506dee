"""multipart bodies -> a value (RFC 2046, section 5.1; RFC 7578).

Law of this file: the boundary is spelling. If each part has a name, as in a form, a part is the member of that name,
`$.amount`, and their order doesn't count; a name that comes more than once has a list. Otherwise the parts are a list,
`$[0]`. A part that says no more than a name and a text is its text; any other is an object of its fields: `filename`,
`content-type`, more if it has them, and `content`, which is the value of JSON, else the text, bytes as in latin-1; of
a text the bytes that are none in its charset are lone surrogates (PEP 383), which no text has.
"""

import re

from comparators.answers import Reading, reading
from comparators.codings import Unreadable
from comparators.document import Json, NotJson, parse
from comparators.readable import Malformed, gathered
from comparators.text import text_of

MAX_PARTS = 10_000
"""Parts of one body: a part costs ten times what a field of a form does."""

_SPELLING = frozenset({"content-disposition", "content-length"})
_ENCODING = "content-transfer-encoding"
_AS_IT_IS = frozenset({"7bit", "8bit", "binary"})  # transfer encodings (RFC 2045, section 6.2)
_PARAMETER = re.compile(r';\s*(name|filename)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))', re.IGNORECASE)


def read_multipart(body: bytes, how: Reading) -> Json:
    """Raises Malformed for a body that its boundary doesn't divide to its end, or a part that is not the JSON that it
    says it is; Unreadable for too many parts.
    """
    parts = [_part(part) for part in _divided(body, how.boundary)]
    if parts and all(name is not None for name, _ in parts):
        return gathered([(name or "", value) for name, value in parts])
    return [value for _, value in parts]


def _divided(body: bytes, boundary: str) -> list[bytes]:
    if not boundary:
        raise Malformed("a multipart body without a boundary")
    delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
    if body.count(delimiter) > MAX_PARTS:
        raise Unreadable(f"a body of more than {MAX_PARTS} parts")
    _, *parts = (b"\r\n" + body).split(delimiter)
    if not parts or not parts[-1].startswith(b"--"):
        raise Malformed("a multipart body that its boundary does not end")
    return parts[:-1]


def _part(part: bytes) -> tuple[str | None, Json]:
    """Its name if it has one, and its value."""
    padding, line, rest = part.partition(b"\r\n")
    head, blank, content = (b"\r\n" + rest).partition(b"\r\n\r\n")
    if padding.strip(b" \t") or not line or not blank:
        raise Malformed("a part without an end of its head")
    fields = _fields(head)
    said = {found[1].lower(): _unquoted(found) for found in _PARAMETER.finditer(fields.get("content-disposition", ""))}
    media = fields.get("content-type")
    how = reading({b"content-type": [(media or "text/plain").encode("latin-1")]})
    value = _content(content, how)
    about = {name: text for name, text in fields.items() if name not in _SPELLING}
    if about.get(_ENCODING, "").lower() in _AS_IT_IS:
        del about[_ENCODING]
    if "filename" in said:
        about["filename"] = said["filename"]
    if how.media == "text/plain" and about.keys() <= {"content-type"}:
        return said.get("name"), value
    return said.get("name"), {**about, "content": value}


def _fields(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")
    pairs = [line.partition(":") for line in lines if ":" in line]
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _unquoted(found: re.Match[str]) -> str:
    text = found[3] if found[2] is None else re.sub(r"\\(.)", r"\1", found[2])
    return text.encode("latin-1").decode("utf-8", "replace")


def _content(content: bytes, how: Reading) -> Json:
    if how.media == "application/json" or how.media.endswith("+json"):
        try:
            return parse(content).value
        except NotJson as refused:
            raise Malformed(f"a part of type {how.media}: {refused}") from None
    if not how.media.startswith("text/"):
        return content.decode("latin-1")
    text = text_of(content, how.charset)
    return content.decode("ascii", "surrogateescape") if text is None else text
