"""Two connections joined: what comes from one goes to the other as it comes, until both have ended.

Law of this file: a side that takes nothing stops the reading of the other, so that what waits for it is what one read
brings. An end goes on as it came: EOF as EOF, with the other way open as long as bytes flow in it; a reset as a reset.
After IDLE seconds without a byte either way both are closed; once a side has ended, CLOSING seconds are enough. Who
takes what waits for it, however slowly, is waited for.
"""

import asyncio
from typing import Final, Protocol

from proxy.http1.outlet import reset
from proxy.http1.ticker import NEVER, Ticker

IDLE: Final = 3600.0
CLOSING: Final = 30.0


class Joinable(Protocol):
    """A connection that gives its transport away, with the bytes that it has read too far. It is told of its end."""

    def detach(self) -> tuple[asyncio.Transport, bytes]: ...
    def connection_lost(self, exc: Exception | None) -> None: ...


class Tunnel:
    """Both ends, and how long they are waited for."""

    def __init__(self, ticker: Ticker, near: Joinable, far: Joinable) -> None:
        self._ticker = ticker
        self._patience = IDLE
        self._unsent = 0
        self.deadline = NEVER
        self.near = End(self, near)
        self.far = End(self, far)
        ticker.watch(self)
        ticker.tunnels += 1
        self.near.join(self.far)
        self.far.join(self.near)
        self.touch()

    @property
    def unsent(self) -> int:
        """Bytes that neither kernel has taken."""
        return self.near.unsent + self.far.unsent

    def touch(self) -> None:
        """Something has come, or was taken."""
        self._unsent = self.unsent
        self.deadline = self._ticker.now() + self._patience

    def hurry(self) -> None:
        """A side has ended."""
        self._patience = CLOSING
        self.touch()

    def over(self) -> None:
        self._ticker.forget(self)
        self._ticker.tunnels -= 1

    def expire(self) -> None:
        """Nothing has come, and nothing was taken of what waits."""
        if self.unsent < self._unsent:
            self.touch()
        else:
            self.hurry()
            self.near.end()
            self.far.end()


class End:
    """What one transport tells now: an asyncio.Protocol in all but its base, as ServerConnection."""

    peer: "End"

    def __init__(self, tunnel: Tunnel, holder: Joinable) -> None:
        self._tunnel = tunnel
        self._holder = holder
        self._transport, self._rest = holder.detach()
        self.ended = False
        self.lost = False

    def join(self, peer: "End") -> None:
        """From here on bytes go to `peer`: first those that its holder had read too far."""
        self.peer = peer
        self._transport.set_protocol(self)  # type: ignore[arg-type]  # see ServerConnection
        rest, self._rest = self._rest, b""
        if rest:
            peer.write(rest)

    # What the transport calls

    def data_received(self, data: bytes) -> None:
        if not self.peer.lost:
            self.peer.write(data)
            self._tunnel.touch()

    def eof_received(self) -> bool:
        """This side says no more, and may still listen. False: its transport is to be closed."""
        self.ended = True
        self._tunnel.hurry()
        if self.peer.lost or self.peer.ended:
            self.peer.close()
            return False
        self.peer.write_eof()
        return self._transport.can_write_eof()

    def pause_writing(self) -> None:
        self.peer.pause_reading()

    def resume_writing(self) -> None:
        self.peer.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """A side that had said that it says no more leaves the other the time to read it."""
        self.lost = True
        self._holder.connection_lost(exc)
        self._tunnel.hurry()
        if self.peer.lost:
            self._tunnel.over()
        elif self.ended:
            self.peer.write_eof()
            self.peer.resume_reading()
        elif exc is None:
            self.peer.close()
        else:
            self.peer.reset()

    # What the other end and the tunnel call

    @property
    def unsent(self) -> int:
        return 0 if self.lost else self._transport.get_write_buffer_size()

    def write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)

    def write_eof(self) -> None:
        """Over TLS there is no EOF that leaves the other way open."""
        if self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self.close()

    def pause_reading(self) -> None:
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """After an EOF it is only the EOF that is read again."""
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def end(self) -> None:
        if self.unsent:
            self.reset()
        else:
            self.close()

    def close(self) -> None:
        """Once: asyncio's TLS is not to be closed twice."""
        if not self._transport.is_closing():
            self._transport.close()

    def reset(self) -> None:
        if not self.lost:
            reset(self._transport)
