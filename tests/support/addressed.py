"""Many conversations at once through one proxy, told apart at the upstream by the loopback address each comes from.

Law of this file: a conversation owns its address as long as its block lasts; what the upstream was asked through it is
found by X-Forwarded-For.
"""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager

from tests.support.h11_origin import Asked, Origin

_STATUS = re.compile(rb"HTTP/1\.1 ([2-9]\d\d) ")
_addresses: Iterator[str] = (
    f"127.{a}.{b}.{c}" for a, b, c in itertools.product(range(1, 255), range(256), range(1, 255))
)


class Conversation:
    """One client: `received` grows; `over` once the proxy has closed its side."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.address = next(_addresses)
        self.received = b""
        self.over = False
        self._changed = asyncio.Event()

    async def open(self) -> None:
        local = (self.address, 0)
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, local_addr=local)
        self._reading = asyncio.create_task(self._read())

    async def send(self, pieces: Iterable[bytes], pause: float = 0.0) -> None:
        """Each piece by itself; in a segment of its own if the proxy takes it within `pause` seconds."""
        for piece in pieces:
            if self._writer.is_closing():
                return
            self._writer.write(piece)
            await asyncio.sleep(pause)

    @property
    def statuses(self) -> tuple[int, ...]:
        """Of the final answers."""
        return tuple(int(status) for status in _STATUS.findall(self.received))

    def asked(self, origin: Origin) -> list[Asked]:
        """What the upstream was asked whole through this conversation."""
        return origin.by_address.get(self.address.encode(), [])

    async def wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Whether `condition` came to hold; it is looked at whenever something has come."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return condition()
        return True

    async def more(self, seconds: float) -> bool:
        """Whether anything more has come within `seconds`, be it the end."""
        known = len(self.received)
        return await self.wait(lambda: self.over or len(self.received) > known, seconds)

    async def close(self) -> None:
        self._reading.cancel()
        self._writer.transport.abort()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        try:
            while data := await self._reader.read(65536):
                self.received += data
                self._changed.set()
        except ConnectionError:
            pass
        self.over = True
        self._changed.set()


@asynccontextmanager
async def conversation(port: int) -> AsyncIterator[Conversation]:
    held = Conversation(port)
    await held.open()
    try:
        yield held
    finally:
        await held.close()
