"""Upstreams that fail at one stage in one way, once for each time that they are armed, and are right otherwise.

Law of this file: a right answer's body is the target of its request, so that an answer given to another is seen.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from tests.support.wire import upstream

FAULT = b"/fault"
Reads = Literal["nothing", "head", "all"]
Then = Literal["reset", "close", "stall", "keep"]

_JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_SIZED = _JSON + b"Content-Length: %d\r\n\r\n"
_CHUNKED = _JSON + b"Transfer-Encoding: chunked\r\n\r\n"
STRAY = _SIZED % 5 + b"stray"


@dataclass(frozen=True, slots=True)
class Row:
    """One fault. `says`: what is written, %b standing for the right body; `later`: written 20 ms after that.

    `expected`: what the client may see; "lost" before any byte of an answer makes a kept safe request be sent again.
    """

    expected: frozenset[str]
    says: bytes = b""
    then: Then = "keep"
    reads: Reads = "all"
    later: bytes = b""


def _row(expected: str, says: bytes = b"", then: Then = "keep", reads: Reads = "all", later: bytes = b"") -> Row:
    return Row(frozenset(expected.split("|")), says, then, reads, later)


def _ends(stage: str, says: bytes, lost: str, late: str, reads: Reads = "all") -> dict[str, Row]:
    """The three ways in which an upstream ends at one stage."""
    return {
        f"{stage}: reset": _row(lost, says, "reset", reads),
        f"{stage}: close": _row(lost, says, "close", reads),
        f"{stage}: stall": _row(late, says, "stall", reads),
    }


ROWS = {
    **_ends("before reading", b"", "lost", "late", "nothing"),
    **_ends("after the head", b"", "lost", "late", "head"),
    **_ends("after the request", b"", "lost", "late"),
    **_ends("mid status line", b"HTTP/1.1 20", "broken", "late"),
    **_ends("mid head", _JSON + b"Content-Le", "broken", "late"),
    **_ends("before the body", _SIZED % 8, "cut", "cut"),
    **_ends("mid body", _SIZED % 8 + b"/half", "cut", "cut"),
    **_ends("mid chunk", _CHUNKED + b"8\r\n/half", "cut", "cut"),
    **_ends("before the last chunk", _CHUNKED + b"5\r\n/half\r\n", "cut", "cut"),
    "until close: reset": _row("cut", _JSON + b"\r\n/half", "reset"),
    "until close: stall": _row("cut", _JSON + b"\r\n/half", "stall"),
    "until close: close": _row("right", _JSON + b"\r\n%b", "close"),
    "whole: reset": _row("right", _SIZED % 8 + b"%b", "reset"),
    "whole: close": _row("right", _SIZED % 8 + b"%b", "close"),
    "early: before the request is read": _row("right", _SIZED % 8 + b"%b", "close", "head"),
    "too much: bytes": _row("right", _SIZED % 8 + b"%bgarbage"),
    "too much: another answer": _row("right", _SIZED % 8 + b"%b" + STRAY),
    "too much: another answer later": _row("right", _SIZED % 8 + b"%b", later=STRAY),
    "too much: chunks": _row("right", _CHUNKED + b"8\r\n%b\r\n0\r\n\r\n5\r\nstray\r\n0\r\n\r\n"),
    "too much: a body with 204": _row("empty", b"HTTP/1.1 204 No Content\r\n\r\nstray"),
    "too much: a head of 70 kB": _row("invalid", _JSON + b"X: %b\r\n" % (b"v" * 70_000) + b"\r\n", "stall"),
    "too much: 300 fields": _row("invalid", _JSON + b"X: 1\r\n" * 300 + b"\r\n", "stall"),
    "too much: interim answers": _row("invalid", b"HTTP/1.1 102 Processing\r\n\r\n" * 20, "stall"),
    "garbage: bytes": _row("invalid", b"\x00\xff\xfe not HTTP\r\n\r\n", "stall"),
    "garbage: a mail server": _row("invalid|late", b"220 mail.example ESMTP\r\n", "stall"),
    "garbage: HTTP/2": _row("invalid", b"HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n", "stall"),
    "garbage: two lengths": _row("invalid", _JSON + b"Content-Length: 5\r\n" + STRAY[17:], "stall"),
    "garbage: a length below zero": _row("invalid", _JSON + b"Content-Length: -1\r\n\r\n", "stall"),
    "garbage: length and chunks": _row("invalid", _JSON + b"Content-Length: 8\r\n" + _CHUNKED[17:], "stall"),
    "garbage: an unknown coding": _row("invalid", _JSON + b"Transfer-Encoding: gzip\r\n\r\n", "stall"),
    "garbage: a folded line": _row("invalid", _JSON + b"X: 1\r\n 2\r\n\r\n", "stall"),
    "garbage: another protocol": _row("invalid", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "stall"),
    "garbage: a chunk size": _row("invalid|cut", _CHUNKED + b"zz\r\n/half\r\n", "stall"),
    "garbage: a chunk size later": _row("cut", _CHUNKED + b"5\r\n/half\r\n", "stall", later=b"-1\r\n"),
    "garbage: a chunk that is longer": _row("invalid|cut", _CHUNKED + b"3\r\n/half\r\n0\r\n\r\n", "stall"),
}


@dataclass(slots=True)
class Failing:
    """One lane: `armed` makes it fail at the next request; `failures` counts how often it did.

    `said`: set when it has said all that it says; `reused`: requests over a connection that had said too much.
    """

    row: Row
    port: int = 0
    armed: bool = False
    failures: int = 0
    reused: int = 0
    said: asyncio.Event = field(default_factory=asyncio.Event)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.armed and self.row.reads == "nothing":
            await self._fail(reader, writer, b"")
            return
        spoiled = False
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            self.reused += spoiled
            target = head.split(b" ", 2)[1]
            fails = self.armed and target.endswith(FAULT)
            if not fails or self.row.reads == "all":
                await reader.readexactly(_length(head))
            if not fails:
                writer.write(_SIZED % len(target) + target)
            elif spoiled := await self._fail(reader, writer, target):
                continue
            else:
                return

    async def _fail(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: bytes) -> bool:
        """Whether the connection is to serve on."""
        self.armed = False
        self.failures += 1
        self.said.clear()
        writer.write(_sized_for(self.row.says, target))
        if self.row.later:
            await writer.drain()
            await asyncio.sleep(0.02)  # another segment, after the answer that it does not belong to
            writer.write(self.row.later)
            await writer.drain()
        self.said.set()
        if self.row.then == "stall":
            while await reader.read(65536):
                pass
        elif self.row.then == "reset":
            await writer.drain()
            reset(writer)
        return self.row.then == "keep"


def _length(head: bytes) -> int:
    found = head.lower().partition(b"\r\ncontent-length:")[2]
    return int(found.split(b"\r\n")[0] or 0)


def _sized_for(says: bytes, target: bytes) -> bytes:
    """`says` with the target as its body, whose length it has said."""
    if b"%b" not in says:
        return says
    for old, new in ((b"Content-Length: 8\r\n", b"Content-Length: %d\r\n"), (b"\r\n\r\n8\r\n", b"\r\n\r\n%x\r\n")):
        says = says.replace(old, new % len(target))
    return says.replace(b"%b", target)


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection by RST."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@asynccontextmanager
async def failing(rows: Sequence[Row]) -> AsyncIterator[list[Failing]]:
    """One lane for each row, on free ports."""
    lanes = [Failing(row) for row in rows]
    async with AsyncExitStack() as stack:
        for lane in lanes:
            lane.port = (await stack.enter_async_context(upstream(lane.converse))).port
        yield lanes
