"""The origin that real clients talk to, as a process: a small HTTP/1.1 server whose every byte is the same each time.

Law of this file: it imports nothing of ours, no answer holds a time, a port or a random byte, and nothing waits for a
clock. It writes down each request as it came in: `GET /-/requests` gives the list and empties it. Where a test must see
that something happens before something else, the origin holds back until `GET /-/release/NAME` is asked.
"""

import argparse
import asyncio
import gzip
import hashlib
import json
import re
import sys
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote_to_bytes

import brotli  # type: ignore[import-untyped]
import zstandard

BLOCK = bytes(range(256)) * 256
"""What large bodies are made of, over and over."""
TEXT = b"".join(b"line %d of a text that a coding makes smaller\n" % number for number in range(200))
CODINGS = {
    b"identity": TEXT,
    b"gzip": gzip.compress(TEXT, mtime=0),
    b"deflate": zlib.compress(TEXT),
    b"br": brotli.compress(TEXT),
    b"zstd": zstandard.ZstdCompressor(write_content_size=True).compress(TEXT),
}
DATE = b"Date: Mon, 01 Jan 2024 00:00:00 GMT\r\nServer: origin\r\n"
ODD_FIELDS = (
    b"X-MiXeD-CaSe: 1\r\nx-mixed-case: 2\r\nX-Empty: \r\nX-Latin: caf\xe9\r\nX-Inner-Tab: a\tb\r\n"
    b"Set-Cookie: a=1; Path=/; HttpOnly\r\nX-Between: yes\r\nSet-Cookie: b=2; Path=/\r\nset-cookie: c=3\r\n"
    b'WWW-Authenticate: Basic realm=one\r\nWWW-Authenticate: Bearer\r\nETag: W/"x"\r\nX_Under_Score: 1\r\n'
)
_BOUNDARY = re.compile(rb"boundary=\"?([^\";]+)")


@dataclass
class Request:
    """One request; its body is still to be read."""

    line: bytes
    headers: list[tuple[bytes, bytes]]

    @property
    def method(self) -> bytes:
        return self.line.split(b" ")[0]

    @property
    def path(self) -> bytes:
        return self.line.split(b" ")[1].partition(b"?")[0]

    @property
    def closes(self) -> bool:
        """Whether the client wants no more than this answer from its connection."""
        return self.value(b"connection").lower() == b"close"

    @property
    def query(self) -> dict[bytes, list[bytes]]:
        target = self.line.split(b" ")[1].decode("latin-1")
        read = parse_qs(target.partition("?")[2], keep_blank_values=True, encoding="latin-1")
        return {name.encode("latin-1"): [each.encode("latin-1") for each in values] for name, values in read.items()}

    def value(self, name: bytes) -> bytes:
        return next((value for each, value in self.headers if each.lower() == name), b"")


class Origin:
    """What all connections share."""

    def __init__(self) -> None:
        self.seen: list[dict[str, object]] = []
        self.connections = 0
        self.sent = 0
        self._gates: dict[bytes, asyncio.Event] = {}

    def gate(self, name: bytes) -> asyncio.Event:
        return self._gates.setdefault(name, asyncio.Event())

    def forget(self) -> bytes:
        """What was seen up to now, as JSON."""
        told = json.dumps({"seen": self.seen, "connections": self.connections}).encode()
        self.seen, self.connections = [], 0
        self._gates.clear()
        return told


class Connection:
    """One connection: requests are read and answered in turn."""

    def __init__(self, origin: Origin, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._origin = origin
        self._reader = reader
        self._writer = writer
        self._counted = False

    async def converse(self) -> None:
        try:
            while await self._turn():
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writer.close()

    async def _turn(self) -> bool:
        line, *rest = (await self._reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
        fields = (each.partition(b":") for each in rest)
        request = Request(line, [(name, value.strip(b" \t")) for name, _, value in fields])
        if request.path.startswith(b"/-/"):
            return await self._control(request)
        if not self._counted:
            self._counted, self._origin.connections = True, self._origin.connections + 1
        if request.value(b"expect").lower() == b"100-continue":
            self._writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if request.path.startswith(b"/held-sink/"):
            await self._origin.gate(request.path.rsplit(b"/", 1)[1]).wait()
        if request.path == b"/sink" or request.path.startswith(b"/held-sink/"):
            await self._sink(request)
        else:
            await self._answer(request, await self._whole(request))
        return request.path != b"/until-close" and not request.closes

    async def _control(self, request: Request) -> bool:
        match request.path.split(b"/")[2:]:
            case [b"requests"]:
                self._sized(b"200 OK", self._origin.forget())
            case [b"sent"]:
                self._sized(b"200 OK", b"%d" % self._origin.sent)
            case [b"release", name]:
                self._origin.gate(name).set()
                self._sized(b"204 No Content", b"")
        await self._writer.drain()
        return True

    # The request's body

    async def _pieces(self, request: Request) -> AsyncIterator[bytes]:
        if request.value(b"transfer-encoding").lower() == b"chunked":
            while size := int((await self._reader.readline()).split(b";")[0], 16):
                async for piece in self._exactly(size):
                    yield piece
                await self._reader.readexactly(2)
            while await self._reader.readline() != b"\r\n":
                pass
            return
        async for piece in self._exactly(int(request.value(b"content-length") or 0)):
            yield piece

    async def _exactly(self, size: int) -> AsyncIterator[bytes]:
        while size:
            piece = await self._reader.read(min(size, 1 << 16))
            if not piece:
                raise asyncio.IncompleteReadError(b"", size)
            size -= len(piece)
            yield piece

    async def _whole(self, request: Request) -> bytes:
        """The body; the boundary that a client made up for it is written BOUNDARY wherever it stands."""
        body = b"".join([piece async for piece in self._pieces(request)])
        drawn = _BOUNDARY.search(request.value(b"content-type"))
        if drawn:
            body = body.replace(drawn[1], b"BOUNDARY")
            request.headers = [(name, value.replace(drawn[1], b"BOUNDARY")) for name, value in request.headers]
        self._note(request, len(body), hashlib.sha256(body).hexdigest())
        return body

    async def _sink(self, request: Request) -> None:
        """Reads a body of any size without keeping it, and tells what it was."""
        size, digest = 0, hashlib.sha256()
        async for piece in self._pieces(request):
            size += len(piece)
            digest.update(piece)
        self._note(request, size, digest.hexdigest())
        self._sized(b"200 OK", b"%d %b" % (size, digest.hexdigest().encode()))
        await self._writer.drain()

    def _note(self, request: Request, size: int, digest: str) -> None:
        headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in request.headers]
        body = {"length": size, "sha256": digest}
        self._origin.seen.append({"line": request.line.decode("latin-1"), "headers": headers, "body": body})

    # The answers

    async def _answer(self, request: Request, body: bytes) -> None:
        match request.path.split(b"/")[1:]:
            case [b"fixed"]:
                self._sized(b"200 OK", b"hello world", request, ODD_FIELDS)
            case [b"status", code]:
                self._status(request, code)
            case [b"coding", coding]:
                fields = b"Content-Encoding: %b\r\nVary: Accept-Encoding\r\nContent-Type: text/plain\r\n" % coding
                self._sized(b"200 OK", CODINGS[coding], request, fields)
            case [b"chunked"]:
                self._chunked([b"first ", b"second ", b"", b"x" * 5000, b" last"])
            case [b"until-close"]:
                self._write(b"HTTP/1.1 200 OK\r\n%bConnection: close\r\n\r\nto the end" % DATE)
            case [b"early"]:
                self._write(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>\r\n\r\n")
                self._sized(b"200 OK", b"after hints", request)
            case [b"bytes" | b"stream" as kind, size]:
                await self._large(int(size), chunked=kind == b"stream")
            case [b"range"]:
                self._range(request)
            case [b"cookies"]:
                cookies = b'Set-Cookie: session=abc%20def; Path=/; HttpOnly\r\nSet-Cookie: cart="1,2"; Path=/echo\r\n'
                self._sized(b"200 OK", b"set", request, cookies)
            case [b"redirect", code]:
                fields = b"Location: %b\r\n" % unquote_to_bytes(request.query[b"to"][0])
                self._sized(code + b" Moved", b"elsewhere", request, fields)
            case [b"events", name]:
                await self._events(name)
            case _:
                self._sized(b"200 OK", body, request, b"Content-Type: %b\r\n" % request.value(b"content-type"))
        await self._writer.drain()

    def _status(self, request: Request, code: bytes) -> None:
        reason = request.query[b"reason"][0]
        if code in (b"204", b"304"):
            self._write(b'HTTP/1.1 %b %b\r\n%bETag: "v1"\r\n\r\n' % (code, reason, DATE))
        else:
            self._sized(code + b" " + reason, b"" if code == b"205" else b"status " + code, request)

    def _range(self, request: Request) -> None:
        """Single ranges, two ranges as multipart/byteranges, and what cannot be satisfied; of 1,000 bytes."""
        whole = BLOCK[:1000]
        wanted = [each.partition(b"-") for each in request.value(b"range").removeprefix(b"bytes=").split(b",")]
        spans = [_span(first, last, len(whole)) for first, _, last in wanted]
        if any(start >= len(whole) for start, _ in spans):
            self._sized(b"416 Range Not Satisfiable", b"", request, b"Content-Range: bytes */1000\r\n")
        elif len(spans) == 1:
            start, end = spans[0]
            fields = b"Content-Range: bytes %d-%d/1000\r\nAccept-Ranges: bytes\r\n" % (start, end)
            self._sized(b"206 Partial Content", whole[start : end + 1], request, fields)
        else:
            parts = b"".join(
                b"--cut\r\nContent-Range: bytes %d-%d/1000\r\n\r\n%b\r\n" % (start, end, whole[start : end + 1])
                for start, end in spans
            )
            fields = b"Content-Type: multipart/byteranges; boundary=cut\r\n"
            self._sized(b"206 Partial Content", parts + b"--cut--\r\n", request, fields)

    async def _events(self, name: bytes) -> None:
        """Two events; the second is sent only once the first has been seen to arrive."""
        fields = b"Content-Type: text/event-stream\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n"
        self._write(b"HTTP/1.1 200 OK\r\n" + DATE + fields + b"\r\n" + _chunk(b"id: 1\ndata: first\n\n"))
        await self._writer.drain()
        await self._origin.gate(name).wait()
        self._write(_chunk(b"id: 2\ndata: second\n\n") + b"0\r\n\r\n")

    async def _large(self, size: int, *, chunked: bool) -> None:
        framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % size
        self._write(b"HTTP/1.1 200 OK\r\n%b%b\r\n\r\n" % (DATE, framing))
        self._origin.sent = 0
        for piece in blocks(size):
            self._write(_chunk(piece) if chunked else piece)
            await self._writer.drain()
            self._origin.sent += len(piece)
        self._write(b"0\r\n\r\n" if chunked else b"")

    def _chunked(self, pieces: list[bytes]) -> None:
        self._write(b"HTTP/1.1 200 OK\r\n%bTransfer-Encoding: chunked\r\n\r\n" % DATE)
        self._write(b"".join(map(_chunk, filter(None, pieces))) + b"0\r\n\r\n")

    def _sized(self, status: bytes, body: bytes, request: Request | None = None, fields: bytes = b"") -> None:
        length = b"" if status[:3] == b"204" else b"Content-Length: %d\r\n" % len(body)
        close = b"Connection: close\r\n" if request is not None and request.closes else b""
        head = b"HTTP/1.1 %b\r\n%b%b%b%b\r\n" % (status, DATE, fields, length, close)
        self._write(head if request is not None and request.method == b"HEAD" else head + body)

    def _write(self, data: bytes) -> None:
        self._writer.write(data)


def blocks(size: int) -> Iterator[bytes]:
    """A large body, in pieces."""
    for start in range(0, size, len(BLOCK)):
        yield BLOCK[: size - start]


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _span(first: bytes, last: bytes, size: int) -> tuple[int, int]:
    """The first and the last place of a byte range such as 0-9, 990- or -10."""
    if not first:
        return size - int(last), size - 1
    return int(first), min(int(last or size), size - 1)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    origin = Origin()
    server = await asyncio.start_server(
        lambda reader, writer: Connection(origin, reader, writer).converse(), "127.0.0.1", port, limit=1 << 18
    )
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
