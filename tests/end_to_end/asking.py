"""A client that sees exactly what came: whole, visibly truncated, or nothing.

Law of this file: an answer is whole only if its own framing says so (RFC 9112, section 6.3); what follows is the next
answer's.
"""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

PATIENCE = 15.0
"""Seconds that an answer may take; longer fails the test."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a client saw. `status` 0: not even a head. `whole`: the answer ended where its framing says."""

    status: int
    head: bytes
    body: bytes
    whole: bool

    @property
    def problem(self) -> str:
        """The type of the proxy's own answer, or the empty text for an upstream's."""
        if b"\r\nContent-Type: application/problem+json\r\n" not in self.head or not self.whole or not self.body:
            return ""
        document: dict[str, Any] = json.loads(self.body)
        return str(document["type"]) if document.get("source") == "strangler" else ""

    @property
    def retry_after(self) -> bool:
        return b"\r\nRetry-After:" in self.head


@dataclass(slots=True)
class Asker:
    """One client: a connection to the proxy that is kept while the proxy keeps it, and made again after."""

    port: int
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None
    opened: int = field(default=0)

    async def ask(self, *pieces: bytes, to_head: bool = False) -> Answered:
        """Sends one request and reads its answer."""
        for piece in pieces:
            await self.send(piece)
        return await self.answer(to_head=to_head)

    async def send(self, data: bytes) -> None:
        """A proxy that has answered and closed meanwhile is no fault: its answer is read after."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
            self.opened += 1
        try:
            self._writer.write(data)
            await self._writer.drain()
        except ConnectionError:
            return

    async def answer(self, *, to_head: bool = False, patience: float = PATIENCE) -> Answered:
        assert self._reader is not None
        async with asyncio.timeout(patience):
            answered, keep = await read_answer(self._reader, to_head=to_head)
        if not keep:
            self.close()
        return answered

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


async def once(port: int, *pieces: bytes) -> Answered:
    """One request over a connection of its own."""
    asker = Asker(port)
    try:
        return await asker.ask(*pieces)
    finally:
        asker.close()


async def read_answer(reader: asyncio.StreamReader, *, to_head: bool = False) -> tuple[Answered, bool]:
    """One final answer, and whether its connection may carry another."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        while head[9:10] == b"1":
            head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return Answered(0, b"", b"", False), False
    status, lower = int(head[9:12]), head.lower()
    if to_head or status in (204, 304):
        return Answered(status, head, b"", True), b"\r\nconnection: close" not in lower
    body, whole, framed = await _body(reader, lower)
    return Answered(status, head, body, whole), whole and framed and b"\r\nconnection: close" not in lower


async def _body(reader: asyncio.StreamReader, lower: bytes) -> tuple[bytes, bool, bool]:
    """The body, whether it is whole, and whether its framing (not the end of the connection) said so."""
    body = bytearray()
    try:
        if b"\r\ntransfer-encoding: chunked" in lower:
            while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
                body += await reader.readexactly(size)
                assert await reader.readexactly(2) == b"\r\n"
            assert await reader.readexactly(2) == b"\r\n"
            return bytes(body), True, True
        if b"\r\ncontent-length:" in lower:
            body += await reader.readexactly(int(lower.split(b"\r\ncontent-length:")[1].split(b"\r\n")[0]))
            return bytes(body), True, True
        while data := await reader.read(65536):
            body += data
        return bytes(body), True, False
    except asyncio.IncompleteReadError as cut:
        return bytes(body + cut.partial), False, True
    except ConnectionError:
        return bytes(body), False, True
