"""One client connection: requests are read in turn and answered in turn.

Law of this file: the next request is not read before the answer of the one before is out, so answers never cross. What
cannot be read as exactly one request is answered 4xx and the connection is closed. All that one event produces leaves
in one write. Bytes that wait behind an unfinished answer are bounded by PIPELINED; beyond that the client is not read.
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from proxy.http1.body import LAST_CHUNK, BodyReader, Chunked, Sized, chunk
from proxy.http1.head import HEAD_END, Malformed, read_request_head
from proxy.http1.ticker import NEVER, Ticker
from proxy.messages import RequestHead

PIPELINED: Final = 64 * 1024
LINGER: Final = 2.0
"""Seconds that a connection is still read after its last answer, so that the client is not reset before it has read
it.
"""


class Incoming(Protocol):
    """What one request is handed to. `start` comes first; `request_end` once its body, if any, is whole."""

    def start(self) -> None: ...
    def request_body(self, data: bytes) -> None: ...
    def request_end(self) -> None: ...
    def request_flush(self) -> None: ...
    def client_gone(self) -> None: ...
    def client_refused(self, status: int, detail: str) -> None: ...
    def pause_answer(self) -> None: ...
    def resume_answer(self) -> None: ...


Application = Callable[["ServerConnection", RequestHead], Incoming]


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Bounds of one client connection: sizes in bytes, times in seconds."""

    header_bytes: int = 32 * 1024
    request_line: int = 8 * 1024
    headers: int = 100
    connections: int = 4096
    head_timeout: float = 10.0
    idle_timeout: float = 30.0
    keep_alive: float = 75.0


class ServerConnection(asyncio.Protocol):
    """`application(connection, head)` gives what the request is handed to; `refuse(connection, fault)` answers what is
    no request.
    """

    def __init__(
        self,
        application: Application,
        refuse: Callable[["ServerConnection", Malformed], None],
        settings: ServerSettings,
        ticker: Ticker,
        connections: set["ServerConnection"],
    ) -> None:
        self._application = application
        self._refuse = refuse
        self._settings = settings
        self._ticker = ticker
        self._connections = connections
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._searched = 0
        self._incoming: Incoming | None = None
        self._body: BodyReader | None = None
        self._out: list[bytes] = []
        self._chunked = False
        self._until_close = False
        self._version = b"1"
        self._keep_alive = True
        self._answering = False
        self._written = False
        self._flushing = False
        self._begun_at = 0
        self._reading = False
        self._paused = False
        self._ended = False
        self._lingering = False
        self._draining = False
        self.deadline = NEVER
        self.peer = ""
        self.secure = False

    # What the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's transports share no class with asyncio's
        peer = transport.get_extra_info("peername")
        self.peer = peer[0] if isinstance(peer, tuple) else ""
        self.secure = transport.get_extra_info("sslcontext") is not None
        self._connections.add(self)
        self.deadline = self._ticker.now() + self._settings.head_timeout
        self._ticker.watch(self)
        if len(self._connections) > self._settings.connections:
            self._fail(Malformed(503, f"more than {self._settings.connections} connections are open"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._ticker.forget(self)
        self._connections.discard(self)
        self._transport = None
        incoming, self._incoming = self._incoming, None
        if incoming is not None:
            incoming.client_gone()

    def data_received(self, data: bytes) -> None:
        if not self._lingering:
            self._buffer = self._buffer + data if self._buffer else data
            self._read()

    def eof_received(self) -> bool:
        """A client may close its sending side and still wait for the answer of what it has sent whole."""
        self._ended = True
        return self._incoming is not None and self._body is None and not self._lingering

    def pause_writing(self) -> None:
        self.deadline = self._ticker.now() + self._settings.idle_timeout
        if self._incoming is not None:
            self._incoming.pause_answer()

    def resume_writing(self) -> None:
        self.deadline = NEVER
        if self._incoming is not None:
            self._incoming.resume_answer()

    def expire(self) -> None:
        """The deadline has passed: a request that does not come whole, an answer that is not read, or an idle
        connection.
        """
        self.deadline = NEVER
        if self._answering:
            self.abort()
        elif self._incoming is None and not self._buffer:
            self._close()
        else:
            self._fail(Malformed(408, "the request did not arrive in time"))

    # What the answering side calls

    def respond(self, status: int, reason: bytes, fields: bytes, length: int | None) -> None:
        """The answer's head. `fields`: serialised lines without framing but a Content-Length; `length`: of the body,
        None if unknown.
        """
        self._answering = True
        self._written = False
        self._begun_at = len(self._out)
        self._chunked = length is None and self._version == b"1"
        self._until_close = length is None and not self._chunked
        if self._body is not None or self._draining or self._ended or self._until_close:
            self._keep_alive = False
        self._out.append(b"HTTP/1.1 %d %b\r\n%b%b\r\n" % (status, reason, fields, self._framing()))

    def inform(self, status: int, reason: bytes, fields: bytes) -> None:
        """An interim answer (1xx); HTTP/1.0 clients know none."""
        if self._version == b"1" and not self._answering:
            self._out.append(b"HTTP/1.1 %d %b\r\n%b\r\n" % (status, reason, fields))
            self.flush()

    def send(self, data: bytes) -> None:
        self._out.append(chunk(data) if self._chunked else data)

    def flush(self) -> None:
        """Has what was given written at the end of this turn."""
        if self._out and not self._flushing:
            self._flushing = True
            self._ticker.turn.write(self)

    def write_out(self) -> None:
        self._flushing = False
        if self._out:
            data = self._out[0] if len(self._out) == 1 else b"".join(self._out)
            self._out.clear()
            self._begun_at = 0
            self._written = True
            if self._transport is not None:
                self._transport.write(data)

    def finish(self) -> None:
        """The answer is whole: the next request, or the end of the connection."""
        if self._chunked:
            self._out.append(LAST_CHUNK)
        self._incoming = None
        self._answering = False
        if not self._keep_alive:
            self.write_out()
            self._linger()
            return
        self.flush()
        self.deadline = self._ticker.now() + self._settings.keep_alive
        self.resume_reading()
        if self._buffer:
            self._read()

    def retract(self) -> bool:
        """Takes back an answer of which nothing has been written; False if it is too late."""
        if self._written:
            return False
        del self._out[self._begun_at :]
        self._answering = self._chunked = self._until_close = False
        return True

    def abort(self) -> None:
        """Ends an answer that will not be whole, so that the client can see that it is not."""
        self.write_out()
        if self._transport is not None:
            if self._until_close:
                _reset(self._transport)
            else:
                self._transport.close()

    def pause_reading(self) -> None:
        if not self._paused and self._transport is not None:
            self._paused = True
            self.deadline = NEVER
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if self._paused and self._transport is not None:
            self._paused = False
            if self._body is not None:
                self.deadline = self._ticker.now() + self._settings.idle_timeout
            self._transport.resume_reading()

    def drain(self) -> None:
        """No further request after the one at hand."""
        self._draining = True
        if self._incoming is None and not self._buffer:
            self._close()

    # Reading

    def _read(self) -> None:
        """Reads as far as may be read now: a head, its body, and the next request once the answer is out."""
        if self._reading:
            return
        self._reading = True
        try:
            while self._buffer and not self._lingering and (self._incoming is None or self._body is not None):
                if not (self._read_head() if self._body is None else self._read_body()):
                    break
        except Malformed as fault:
            self._fail(fault)
        finally:
            self._reading = False
        if self._incoming is not None:
            self._incoming.request_flush()
            if self._body is None and len(self._buffer) > PIPELINED:
                self.pause_reading()
        elif self._ended and not self._lingering:
            self._close()

    def _read_head(self) -> bool:
        buffer = self._buffer
        if self._searched == 0 and buffer[:2] == b"\r\n":
            buffer = self._buffer = buffer[2:]  # RFC 9112, section 2.2: an empty line before a request is let pass
        end = buffer.find(HEAD_END, max(0, self._searched - 3))
        self._check_bounds(buffer, end)
        if end < 0:
            if self._searched == 0:
                self.deadline = self._ticker.now() + self._settings.head_timeout
            self._searched = len(buffer)
            return False
        self._searched = 0
        self._buffer = buffer[end + 4 :]
        self._begin(read_request_head(buffer[: end + 4], self._settings.headers))
        return True

    def _check_bounds(self, buffer: bytes, end: int) -> None:
        size = len(buffer) if end < 0 else end + 4
        line = self._settings.request_line
        if size > line and buffer.find(b"\r\n", 0, line + 2) < 0:
            raise Malformed(414, f"a request line beyond {line} bytes")
        if size > self._settings.header_bytes:
            raise Malformed(431, f"a request head beyond {self._settings.header_bytes} bytes")

    def _begin(self, head: RequestHead) -> None:
        self._version = head.version
        self._keep_alive = head.keep_alive
        self._body = None if head.length == 0 else Chunked() if head.length is None else Sized(head.length)
        self.deadline = NEVER if self._body is None else self._ticker.now() + self._settings.idle_timeout
        incoming = self._incoming = self._application(self, head)
        incoming.start()
        if self._incoming is not incoming:
            return
        if self._body is None:
            incoming.request_end()
        elif head.expects_continue and not self._buffer and not self._answering:
            self._out.append(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.flush()

    def _read_body(self) -> bool:
        assert self._body is not None
        payload, rest = self._body.feed(self._buffer)
        self._buffer = rest or b""
        incoming = self._incoming
        if rest is None:
            self.deadline = self._ticker.now() + self._settings.idle_timeout
        else:
            self._body = None
            self.deadline = NEVER
        if incoming is not None:
            if payload:
                incoming.request_body(payload)
            if rest is not None and self._incoming is incoming:
                incoming.request_end()
        return rest is not None

    # Ending

    def _fail(self, fault: Malformed) -> None:
        """What came cannot be read as a request, or as the body of the one at hand: it is answered and nothing more is
        read.
        """
        self._keep_alive = False
        if self._incoming is not None:
            self._incoming.client_refused(fault.status, fault.detail)
        else:
            self._refuse(self, fault)

    def _framing(self) -> bytes:
        transfer = b"Transfer-Encoding: chunked\r\n" if self._chunked else b""
        if not self._keep_alive:
            return transfer + b"Connection: close\r\n"
        return transfer if self._version == b"1" else transfer + b"Connection: keep-alive\r\n"

    def _linger(self) -> None:
        """Closes the sending side at once and the connection when the client has, or after LINGER seconds."""
        if self._transport is None or self._ended:
            self._close()
            return
        self._lingering = True
        self._buffer = b""
        self.resume_reading()
        self.deadline = self._ticker.now() + LINGER
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _close(self) -> None:
        self.write_out()
        if self._transport is not None:
            self._transport.close()


def _reset(transport: asyncio.Transport) -> None:
    """Ends a connection by RST, the one way to say that an answer which only its end would have ended is not whole."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
