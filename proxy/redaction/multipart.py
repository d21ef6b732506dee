"""Multipart bodies (RFC 2046, section 5.1; RFC 7578) with their parts redacted one by one, and the frame as it was.

Law of this file: a part is a small message: a field by its name, anything else as a body of its own type. What is no
well-formed multipart is refused with None.
"""

import re
from collections.abc import Callable

from proxy.messages import Headers

MAX_PARTS = 256

_BOUNDARY = re.compile(rb"(?i);\s*boundary\s*=\s*(?:\"([^\"]{1,70})\"|([^\s;\"]{1,70}))")
_NAME = re.compile(rb"(?i);\s*name\s*=\s*(?:\"([^\"]*)\"|([^\s;\"]+))")

Redact = Callable[[str, bytes, Headers], bytes]
"""The name of a part, its content and its fields -> the content to keep."""


def boundary_of(content_type: bytes) -> bytes | None:
    """The boundary that a content type of multipart/* names, or None."""
    found = _BOUNDARY.search(content_type) if content_type[:10].lower() == b"multipart/" else None
    return (found[1] or found[2]) if found else None


def redact_multipart(
    body: bytes, boundary: bytes, redact: Redact, redact_fields: Callable[[Headers], Headers]
) -> bytes | None:
    """The body, its parts redacted; None if it is no multipart of this boundary, or has too many parts."""
    pieces = re.split(rb"((?:\A|\r?\n)--" + re.escape(boundary) + rb"(?:--)?[ \t]*(?:\r?\n|\Z))", body)
    if not 3 <= len(pieces) <= 2 * MAX_PARTS + 1 or not pieces[-2].strip().endswith(b"--"):
        return None
    edges = (redact("", pieces[0], ()), redact("", pieces[-1], ()))
    inner = [piece if at % 2 == 0 else _part(piece, redact, redact_fields) for at, piece in enumerate(pieces[1:-1])]
    return b"".join([edges[0], *inner, edges[1]])


def _part(part: bytes, redact: Redact, redact_fields: Callable[[Headers], Headers]) -> bytes:
    found = re.search(rb"\A(?:\r?\n)|\r?\n\r?\n", part)
    head, gap, content = (part[: found.start()], found[0], part[found.end() :]) if found else (b"", b"", part)
    fields = tuple(_field(line) for line in head.splitlines() if line.strip())
    disposition = next((value for name, value in fields if name.lower() == b"content-disposition"), b"")
    named = _NAME.search(b";" + disposition)
    name = ((named[1] or named[2] or b"") if named else b"").decode("utf-8", "replace")
    kept = redact_fields(fields)
    lines = b"\r\n".join(field + b":" + value for field, value in kept)
    return (head if kept == fields else lines) + gap + redact(name, content, fields)


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name, value
