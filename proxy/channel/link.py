"""One connection from a worker to a receiver's unix socket: made, lost and made again for ever, written to in batches.

Law of this file: nothing here waits. The socket does not block, one write is made in a turn of the event loop, and
when the kernel takes no more, the loop says when it will. The link is up only once the receiver has said HELLO: a
process that hangs or refuses our user accepts connections too, and must be given nothing.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from proxy.channel.outbox import Outbox

HELLO = b"\x01"
"""The one byte that a receiver sends: it is there, has accepted our user, and reads frames of codec.VERSION."""

_FIRST_PAUSE, _LAST_PAUSE = 0.05, 2.0


class Link:
    """Writes what waits in `outbox`; calls `on_lost` with the number of exchanges dropped each time it goes down."""

    def __init__(
        self, path: Path, outbox: Outbox, on_lost: Callable[[int], None], batch_seconds: float, batch_bytes: int
    ) -> None:
        self.up = False
        self._path, self._outbox, self._on_lost = str(path), outbox, on_lost
        self._batch_seconds, self._batch_bytes = batch_seconds, batch_bytes
        self._pause = _FIRST_PAUSE
        self._socket: socket.socket | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._soon = self._blocked = False
        self._finished: asyncio.Future[None] | None = None

    def start(self) -> None:
        """Connect, now or as soon as somebody listens. To be called in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._connect()

    def nudge(self) -> None:
        """Something was put in the outbox: write it in the next batch, or at once when there is enough for one."""
        if not self.up or self._blocked or self._soon:
            return
        if self._outbox.size >= self._batch_bytes:
            self._flush_soon()
        elif self._timer is None:
            self._timer = self._loop.call_later(self._batch_seconds, self._flush)

    async def finish(self, grace: float) -> None:
        """Write what waits, for `grace` seconds at most, then disconnect for good."""
        self._finished = self._loop.create_future()
        if self.up and self._outbox:
            self._flush_soon()
            with suppress(TimeoutError):
                async with asyncio.timeout(grace):
                    await self._finished
        self._disconnect()

    def _connect(self) -> None:
        self._timer = None
        try:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        except OSError:  # no file descriptor is left for the moment
            self._connect_later()
            return
        sock.setblocking(False)
        try:
            sock.connect(self._path)
        except OSError:
            sock.close()
            self._connect_later()
        else:
            self._socket = sock
            self._loop.add_reader(sock, self._on_readable, sock)

    def _connect_later(self) -> None:
        self._timer = self._loop.call_later(self._pause, self._connect)
        self._pause = min(self._pause * 2, _LAST_PAUSE)

    def _on_readable(self, sock: socket.socket) -> None:
        try:
            received = sock.recv(len(HELLO) + 1)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            received = b""
        if received == HELLO and not self.up:
            self.up, self._pause = True, _FIRST_PAUSE
            self._flush_soon()
        else:
            self._lost()

    def _flush_soon(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._soon:
            self._soon = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._timer, self._soon = None, False
        if self._socket is None or not self.up or self._blocked:
            return
        buffers = self._outbox.head()
        if not buffers:
            return self._settle()
        try:
            self._outbox.advance(self._socket.sendmsg(buffers))
        except (BlockingIOError, InterruptedError):
            self._blocked = True
            self._loop.add_writer(self._socket, self._on_writable)
        except OSError:
            self._lost()
        else:
            self._flush_soon() if self._outbox else self._settle()

    def _on_writable(self) -> None:
        if self._socket is not None:
            self._loop.remove_writer(self._socket)
        self._blocked = False
        self._flush()

    def _settle(self) -> None:
        if self._finished is not None and not self._finished.done():
            self._finished.set_result(None)

    def _lost(self) -> None:
        self._disconnect()
        self._settle()
        self._connect_later()  # `finish` calls it off

    def _disconnect(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.close()
        self._socket, self.up, self._blocked = None, False, False
        self._on_lost(self._outbox.lose())
