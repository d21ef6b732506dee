"""One header line: its name and value, and what it says about the frame of its message.

Law of this file: what a line says hangs on its own bytes alone, so a line that clients and servers repeat (Host,
Accept, Content-Type, Server) is read once and remembered. Remembered are short lines of the names below and no others:
what is different each time, or secret, is forgotten with its message.
"""

import re
from typing import Final


class Malformed(Exception):
    """The bytes are not one HTTP/1.1 head, or not in one way only. `status`: what a client who sent them is told."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


NOTHING: Final = 0
HOST: Final = 1
CONNECTION: Final = 2
LENGTH: Final = 3
CODING: Final = 4
EXPECT: Final = 5
"""What a line can say about its message's frame."""
_KINDS: Final = {
    b"host": HOST,
    b"connection": CONNECTION,
    b"content-length": LENGTH,
    b"transfer-encoding": CODING,
    b"expect": EXPECT,
}
_TEXT: Final = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
TOKEN: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_REPEATED: Final = frozenset(
    b"accept accept-charset accept-encoding accept-language accept-ranges age allow alt-svc cache-control connection "
    b"content-encoding content-language content-length content-security-policy content-type cross-origin-opener-policy "
    b"cross-origin-resource-policy date dnt expires host keep-alive origin permissions-policy pragma priority referer "
    b"referrer-policy sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest sec-fetch-mode sec-fetch-site "
    b"server strict-transport-security te transfer-encoding upgrade-insecure-requests user-agent vary via "
    b"x-content-type-options x-dns-prefetch-control x-frame-options x-powered-by x-xss-protection "
    b"x-requested-with".split()
)
_REMEMBERED: Final = 1024
_LONG: Final = 200
"""Lines that are remembered: so many, so long; after them they are gathered anew."""
_NAMES: Final = 4096
_NAME: Final = 64
"""Names that are remembered: so many, so long."""


class Line:
    """`field`: name and value, without the white space around it; `kind`: what it says about the frame."""

    __slots__ = ("field", "kind")

    def __init__(self, field: tuple[bytes, bytes], kind: int) -> None:
        self.field = field
        self.kind = kind


_lines: Final[dict[bytes, Line]] = {}
_kinds: Final[dict[bytes, int]] = {}


def read_line(line: bytes) -> Line:
    """Raises Malformed with 400 for what is not `name: value`, or holds a control byte."""
    known = _lines.get(line)
    return known if known is not None else _read(line)


def check_text(line: bytes) -> None:
    """Raises Malformed with 400 for a control byte; a CR or LF in a line is one that stood alone."""
    if not _TEXT.fullmatch(line):
        raise Malformed(400, "a control byte, or a CR or LF that stands alone, in the head")


def _read(line: bytes) -> Line:
    check_text(line)
    name, colon, value = line.partition(b":")
    kind = _kinds.get(name)
    if kind is None:
        kind = _kind(name)
    if not colon:
        raise Malformed(400, "a header line without a colon")
    found = Line((name, value.strip(b" \t")), kind)
    if len(line) <= _LONG and name.lower() in _REPEATED:
        if len(_lines) >= _REMEMBERED:
            _lines.clear()
        _lines[line] = found
    return found


def _kind(name: bytes) -> int:
    if not TOKEN.fullmatch(name):
        raise Malformed(400, "a header line that does not begin with a name")
    kind = _KINDS.get(name.lower(), NOTHING)
    if len(_kinds) < _NAMES and len(name) <= _NAME:
        _kinds[name] = kind
    return kind
