"""What one connection has to write, and whether the other side takes it.

Law of this file: pieces leave in the order in which they were put, all together at the end of the turn, or at once
when they come to AT_ONCE bytes, so that the transport can say "enough" in time. What has not been written can be taken
back.
"""

import asyncio
import socket
import struct
from typing import Final

from proxy.http1.turn import Turn

AT_ONCE: Final = 64 * 1024
UNSENT: Final = 128 * 1024
"""Bytes that the kernel may hold unsent, so that a slow reader can be told from one that does not read."""
_NOTSENT_LOWAT: Final[int] = getattr(socket, "TCP_NOTSENT_LOWAT", 25)


class Outlet:
    """`written`: whether anything was since `mark`; `stalled`: the transport has said "enough" and not yet "go on"."""

    __slots__ = ("_before", "_from", "_pieces", "_size", "_transport", "_turn", "_waiting", "stalled", "written")

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._transport: asyncio.Transport | None = None
        self._pieces: list[bytes] = []
        self._size = 0
        self._from = 0
        self._before = 0
        self._waiting = False
        self.written = False
        self.stalled = False

    @property
    def open(self) -> bool:
        return self._transport is not None

    @property
    def unsent(self) -> int:
        """Bytes that the kernel has not taken."""
        return self._size + (self._transport.get_write_buffer_size() if self._transport is not None else 0)

    def progressed(self) -> bool:
        """Whether less waits than when this was asked last."""
        before, self._before = self._before, self.unsent
        return self._before < before

    def attach(self, transport: asyncio.Transport | None) -> None:
        self._transport = transport
        if transport is not None and isinstance(transport.get_extra_info("peername"), tuple):
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, _NOTSENT_LOWAT, UNSENT)

    def mark(self) -> None:
        """A new message begins here."""
        self._from = len(self._pieces)
        self.written = False

    def take_back(self) -> bool:
        """Forgets what was put since `mark`; False if a part of it has been written."""
        if self.written:
            return False
        del self._pieces[self._from :]
        self._size = sum(map(len, self._pieces))
        return True

    def put(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > AT_ONCE:
            self.write_out()

    def flush(self) -> None:
        """Has what was put written at the end of this turn."""
        if self._pieces and not self._waiting:
            self._waiting = True
            self._turn.write(self)

    def write_out(self) -> None:
        self._waiting = False
        if not self._pieces:
            return
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self.forget()
        if self._transport is not None:
            self.written = True
            self._transport.write(data)

    def forget(self) -> None:
        """What was not written never will be."""
        self._pieces.clear()
        self._size = 0
        self._from = 0


def reset(transport: asyncio.Transport) -> None:
    """Ends a connection by RST: what waits is given up, and the other side can see that it is not whole."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
