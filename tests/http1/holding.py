"""Connections that can be joined, each between a socket of the test and a transport, and a clock that is put forward.

Law of this file: the test's sockets have small buffers, so that what is not taken waits in the transport.
"""

import asyncio
import contextvars
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from proxy.http1.ticker import Ticker

SMALL = 4096


class Held(asyncio.Protocol):
    """What holds a transport until it is joined. `rest`: what it has read too far; `ends`: what it was told."""

    def __init__(self, rest: bytes = b"") -> None:
        self._rest = rest
        self.ends: list[Exception | None] = []
        self.made = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.made.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.ends.append(exc)

    def detach(self) -> tuple[asyncio.Transport, bytes]:
        return self.transport, self._rest


@asynccontextmanager
async def held(rest: bytes = b"") -> AsyncIterator[tuple[socket.socket, Held]]:
    """A socket of the test, and what holds the other side."""
    loop = asyncio.get_running_loop()
    holder = Held(rest)
    with socket.socket() as listener, socket.socket() as sock:
        for each in (listener, sock):
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
            each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        server = await loop.create_server(lambda: holder, sock=listener.dup())
        sock.setblocking(False)
        await loop.sock_connect(sock, listener.getsockname())
        async with asyncio.timeout(5):
            await holder.made
        try:
            yield sock, holder
        finally:
            server.close()
            if not holder.ends:
                holder.transport.abort()


class Clock:
    """A loop for a Ticker, whose time can be put forward. `looks`: how often the ticker has set its timer."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.ahead = 0.0
        self.looks = 0

    def ticker(self) -> Ticker:
        return Ticker(self)  # type: ignore[arg-type]

    def time(self) -> float:
        return self._loop.time() + self.ahead

    def call_soon(self, action: Callable[..., Any], *arguments: Any) -> asyncio.Handle:
        return self._loop.call_soon(action, *arguments)

    def call_later(
        self, delay: float, action: Callable[..., Any], *arguments: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        self.looks += 1
        return self._loop.call_later(delay, action, *arguments, context=context)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self._loop.call_exception_handler(context)
