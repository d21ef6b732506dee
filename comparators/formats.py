"""What a body is, by what its content type says, and the readers of those that become values.

Law of this file: the more structured reading wins, for both sides: of two content types the one that comes first here.
"""

from collections.abc import Callable
from enum import Enum
from typing import Final

from comparators.answers import Reading
from comparators.codings import Unreadable
from comparators.document import Json, NotJson, parse
from comparators.form import read_form
from comparators.multipart import read_multipart
from comparators.policy import Policy
from comparators.readable import MAX_PARTS, Malformed, aligned
from comparators.table import read_table


class Format(Enum):
    """In order: the first of two goes before the other."""

    JSON = 0
    LINES_OF_JSON = 1
    XML = 2
    MULTIPART = 3
    FORM = 4
    TABLE = 5
    TEXT = 6
    OCTETS = 7


_BY_MEDIA: Final = {
    "application/x-ndjson": Format.LINES_OF_JSON,
    "application/ndjson": Format.LINES_OF_JSON,
    "application/jsonl": Format.LINES_OF_JSON,
    "application/x-jsonlines": Format.LINES_OF_JSON,
    "application/xml": Format.XML,
    "text/xml": Format.XML,
    "application/x-www-form-urlencoded": Format.FORM,
    "text/csv": Format.TABLE,
    "application/javascript": Format.TEXT,
}


def format_of(how: Reading, policy: Policy) -> Format:
    """The format that a content type names. Without one a body is bytes: it's never sniffed."""
    media = how.media
    if media in policy.content_types or media.endswith("+json"):
        return Format.JSON
    if media in _BY_MEDIA:
        return _BY_MEDIA[media]
    if media.endswith("+xml"):
        return Format.XML
    if media.startswith("multipart/"):
        return Format.MULTIPART
    return Format.TEXT if media.startswith("text/") else Format.OCTETS


def read_lines_of_json(body: bytes, how: Reading) -> Json:
    """A list of the values of all lines but empty ones. Raises Malformed, and Unreadable for too many lines."""
    if body.count(b"\n") > MAX_PARTS:
        raise Unreadable(f"more than {MAX_PARTS} lines of JSON")
    values = []
    for number, line in enumerate(body.split(b"\n")):
        if line.strip():
            try:
                values.append(parse(line).value)
            except NotJson as refused:
                raise Malformed(f"line {number}: {refused}") from None
    return values


READERS: Final[dict[Format, Callable[[bytes, Reading], Json]]] = {
    Format.LINES_OF_JSON: read_lines_of_json,
    Format.MULTIPART: read_multipart,
    Format.FORM: read_form,
    Format.TABLE: read_table,
}
"""How a body becomes a value. Raises Malformed, and Unreadable."""


def laid_alike(format_: Format, legacy: Json, candidate: Json) -> tuple[Json, Json]:
    """Two values of a format in which fields that come once here and twice there are lists on both sides."""
    if not isinstance(legacy, dict) or not isinstance(candidate, dict):
        return legacy, candidate
    if format_ is Format.FORM:
        return aligned(legacy, candidate, "", 1)
    return aligned(legacy, candidate, "content", 1) if format_ is Format.MULTIPART else (legacy, candidate)
