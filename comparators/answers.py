"""An answer, and how its headers say that its body wants to be read.

Law of this file: it reports what the headers declare and never guesses from the body.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

CONTENT_TYPE = b"content-type"
CONTENT_ENCODING = b"content-encoding"
DATE = b"date"
SET_COOKIE = b"set-cookie"
LOCATION = b"location"

Fields: TypeAlias = Mapping[bytes, Sequence[bytes]]
"""Header values in order, by name in lower case."""

_BOUNDARY = re.compile(r';\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s";]{1,70}))', re.IGNORECASE)
_HEADLESS = re.compile(r";\s*header\s*=\s*\"?absent", re.IGNORECASE)
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s";]+)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one system answered. `body` is free of its transfer coding, and may still be content-encoded. `hosts`: the
    authorities by which the system is called, such as `b"127.0.0.1:8001"`, in lower case.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    hosts: Collection[bytes] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """How a body wants to be read: media type and charset in lower case, or ""; content codings as applied; the
    boundary of a multipart body, or ""; whether a table says that it names no columns (RFC 4180, section 3).
    """

    media: str
    charset: str
    codings: tuple[str, ...]
    boundary: str = ""
    is_headless: bool = False


def fields(answer: Answer, names: Collection[bytes]) -> Fields:
    """The headers of an answer that are in `names` (lower case)."""
    values: dict[bytes, list[bytes]] = {}
    for name, value in answer.headers:
        lower = name.lower()
        if lower in names:
            values.setdefault(lower, []).append(value.strip(b" \t"))
    return values


def reading(headers: Fields) -> Reading:
    """What headers declare about a body (RFC 9110, sections 8.3 and 8.4). Of several content types the first counts."""
    return _reading(next(iter(headers.get(CONTENT_TYPE, ())), b""), b",".join(headers.get(CONTENT_ENCODING, ())))


@lru_cache(maxsize=256)
def _reading(content_type: bytes, content_encoding: bytes) -> Reading:
    declared = content_type.decode("latin-1")
    charset, boundary = _CHARSET.search(declared), _BOUNDARY.search(declared)
    tokens = [token.strip().lower() for token in content_encoding.decode("latin-1").split(",")]
    return Reading(
        media=declared.partition(";")[0].strip().lower(),
        charset=charset[1].lower() if charset else "",
        codings=tuple(token for token in tokens if token not in {"", "identity"}),
        boundary=(boundary[1] or boundary[2]) if boundary else "",
        is_headless=_HEADLESS.search(declared) is not None,
    )
