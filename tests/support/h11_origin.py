"""An upstream that reads by h11, a strict parser that is not ours: it tells what it was asked, and answers as told.

Law of this file: what h11 will not read is never answered; it stands in `faults`.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import h11

from tests.support.wire import upstream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Asked(NamedTuple):
    """One whole request, with its header names as they were spelled."""

    method: bytes
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def value(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass
class Origin:
    """`asked`: whole requests in the order of their ends, `by_address`: the same by X-Forwarded-For; `faults`: what h11
    said of bytes that it would not read.
    """

    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    by_address: defaultdict[bytes, list[Asked]] = field(default_factory=lambda: defaultdict(list))
    faults: list[str] = field(default_factory=list)


@asynccontextmanager
async def h11_origin(answer: Callable[[Asked], bytes], *, close: bool = False) -> AsyncIterator[Origin]:
    """Answers each whole request by `answer`, raw; `close`: and ends the connection after it."""
    origin = Origin()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        rest: bytes | None = b""
        while rest is not None:
            try:
                asked, rest = await _next(origin, reader, rest)
            except asyncio.CancelledError:
                return  # the test is over; a task that ends cancelled is reported by streams as a fault
            if asked is not None:
                origin.asked.append(asked)
                origin.by_address[asked.value(b"x-forwarded-for") or b""].append(asked)
                writer.write(answer(asked))
                await writer.drain()
                if close:
                    return

    async with upstream(converse) as server:
        origin.port = server.port
        yield origin


async def _next(origin: Origin, reader: asyncio.StreamReader, rest: bytes) -> tuple[Asked | None, bytes | None]:
    """One request and the bytes that follow it; the second is None once there is no more to read."""
    parser = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    if rest:
        parser.receive_data(rest)
    head: h11.Request | None = None
    body: list[bytes] = []
    try:
        while True:
            event = parser.next_event()
            if event is h11.NEED_DATA:
                data = await reader.read(65536)
                if not data:
                    return None, None
                parser.receive_data(data)
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                asked = Asked(head.method, head.target, tuple(head.headers.raw_items()), b"".join(body))
                return asked, parser.trailing_data[0]
            else:
                return None, None
    except h11.RemoteProtocolError as fault:
        origin.faults.append(str(fault))
        return None, None
