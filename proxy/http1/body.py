"""Where a body ends. Each reader is fed what arrives and gives back the payload and, once the body is whole, what
follows it.

Law of this file: `feed(data) -> (payload, rest)`; `rest` is None until the body is whole. A chunk line longer than
CHUNK_LINE bytes, trailers longer than TRAILERS bytes, a size that is not plain hexadecimal, or a chunk that does not
end with CRLF raise Malformed (RFC 9112, section 7.1). Chunk extensions and trailers are read, checked and dropped.
"""

import re
from typing import Final, Protocol

from proxy.http1.line import Malformed

CHUNK_LINE: Final = 256
TRAILERS: Final = 8 * 1024
_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_QUOTED = rb'"(?:[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"'
_EXTENSION = rb"(?:[ \t]*;[ \t]*%b(?:[ \t]*=[ \t]*(?:%b|%b))?)*" % (_TOKEN, _TOKEN, _QUOTED)
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})%b" % _EXTENSION)
_TRAILER = re.compile(rb"%b:[\t\x20-\x7e\x80-\xff]*" % _TOKEN)


class BodyReader(Protocol):
    """One body on its way in."""

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]: ...


class Sized:
    """A body of a known length (Content-Length)."""

    __slots__ = ("_left",)

    def __init__(self, length: int) -> None:
        self._left = length

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        if len(data) < self._left:
            self._left -= len(data)
            return data, None
        payload, rest = data[: self._left], data[self._left :]
        self._left = 0
        return payload, rest


class UntilClose:
    """A response body that only the end of the connection ends."""

    __slots__ = ()

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        return data, None


class Chunked:
    """A chunked body, decoded. `_left` > 0: bytes of the chunk at hand; 0: a size line comes; -1: its CRLF; -2:
    trailers.
    """

    __slots__ = ("_left", "_pending", "_trailers")

    def __init__(self) -> None:
        self._left = 0
        self._pending = b""
        self._trailers = 0

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        data, self._pending = self._pending + data, b""
        pieces: list[bytes] = []
        at = 0
        while True:
            if self._left > 0:
                piece = data[at : at + self._left]
                pieces.append(piece)
                at += len(piece)
                self._left -= len(piece)
                if self._left:
                    return b"".join(pieces), None
                self._left = -1
            end = data.find(b"\n", at)
            if end < 0:
                self._keep(data[at:])
                return b"".join(pieces), None
            if self._line(data[at : end + 1]):
                return b"".join(pieces), data[end + 1 :]
            at = end + 1

    def _keep(self, line: bytes) -> None:
        """Keeps the part of a line until the rest of it comes; what can no longer become a line is refused now."""
        if len(line) > (TRAILERS if self._left == -2 else CHUNK_LINE + 1):  # its CR may have come, and its LF not
            raise Malformed(400, "a chunk line or trailer beyond its bound")
        if self._left == -1 and line not in (b"", b"\r"):
            raise Malformed(400, "a chunk that does not end where its size says")
        self._pending = line

    def _line(self, line: bytes) -> bool:
        """Takes one whole line; True when it ends the body."""
        if line[-2:] != b"\r\n":
            raise Malformed(400, "a bare LF in chunked framing")
        line = line[:-2]
        if self._left == -1:
            if line:
                raise Malformed(400, "a chunk that does not end where its size says")
            self._left = 0
            return False
        if self._left == -2:
            return self._trailer(line)
        size = _SIZE_LINE.fullmatch(line)
        if size is None or len(line) > CHUNK_LINE:
            raise Malformed(400, "a chunk size that is not hexadecimal, or an extension beyond its bound")
        self._left = int(size[1], 16) or -2
        return False

    def _trailer(self, line: bytes) -> bool:
        self._trailers += len(line) + 2
        if self._trailers > TRAILERS:
            raise Malformed(400, "trailers beyond their bound")
        if line and not _TRAILER.fullmatch(line):
            raise Malformed(400, "a trailer that is not a header field")
        return not line


def chunk(data: bytes) -> bytes:
    """`data` as one chunk; empty data has no chunk, since an empty chunk would end the body."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


LAST_CHUNK: Final = b"0\r\n\r\n"
