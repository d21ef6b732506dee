"""One client connection: requests are read in turn and answered in turn.

Law of this file: the next request is not read before the answer of the one before is out and the client takes it, so
answers never cross and never pile up. What cannot be read as exactly one request is answered 4xx and the connection is
closed. Bytes that wait behind an unfinished answer are bounded by PIPELINED; beyond that the client is not read. A
client that takes nothing, or sends nothing, within its time is cut.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from proxy.http1.body import LAST_CHUNK, BodyReader, Chunked, Sized, chunk
from proxy.http1.head import read_request_head
from proxy.http1.line import Malformed
from proxy.http1.outlet import Outlet, reset
from proxy.http1.serving import Incoming, ServerSettings, answer_head, find_head_end, origin_of, without_empty_lines
from proxy.http1.ticker import NEVER, Ticker
from proxy.http1.tunnel import Joinable, Tunnel
from proxy.messages import RequestHead

PIPELINED: Final = 64 * 1024

_log = logging.getLogger(__name__)


class ServerConnection:
    """An asyncio.Protocol in all but its base, since a class that mypyc compiles can have none that is not compiled.

    `application(connection, head)`: what a request goes to; `refuse(connection, fault)` answers what is none.
    """

    def __init__(
        self,
        application: Callable[["ServerConnection", RequestHead], Incoming],
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
        self._outlet = Outlet(ticker.turn)
        self._buffer = b""
        self._searched = 0
        self._incoming: Incoming | None = None
        self._body: BodyReader | None = None
        self._body_due = NEVER
        self._chunked = self._until_close = False
        self._version = b"1"
        self._keep_alive = True
        self._answering = self._reading = self._paused = self._ended = self._lingering = self._draining = False
        self._paused_at = 0.0
        self.deadline = NEVER
        self.peer = ""
        self.secure = False

    # What the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's transports share no class with asyncio's
        self._outlet.attach(self._transport)
        self.peer, self.secure = origin_of(transport)
        self._connections.add(self)
        self._due(self._settings.head_timeout)
        self._ticker.watch(self)
        if len(self._connections) > self._settings.connections:
            self._fail(Malformed(503, f"more than {self._settings.connections} connections are open"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._ticker.forget(self)
        self._connections.discard(self)
        self._transport = None
        self._outlet.attach(None)
        incoming, self._incoming = self._incoming, None
        if incoming is not None:
            incoming.client_gone()

    def data_received(self, data: bytes) -> None:
        if not self._lingering:
            self._buffer = self._buffer + data if self._buffer else data
            self._read()

    def eof_received(self) -> bool:
        """A client may close its sending side and still wait for the answers of what it has sent whole."""
        self._ended = True
        return self._body is None and not self._lingering and not self._may_begin() and not self.secure

    def pause_writing(self) -> None:
        self._outlet.stalled = True
        self._outlet.progressed()
        self._due(self._settings.idle_timeout)
        if self._incoming is not None:
            self._incoming.pause_answer()

    def resume_writing(self) -> None:
        self._outlet.stalled = False
        if self._incoming is not None:
            self.deadline = self._body_due
            self._incoming.resume_answer()
        elif self._lingering:
            self._due(self._settings.linger)
        else:
            self._next()

    def expire(self) -> None:
        """The deadline has passed: a request does not come whole, an answer is not read, nothing comes."""
        self.deadline = NEVER
        if self._outlet.stalled or self._transport is None or self._transport.is_closing():
            self._cut_unread()
        elif self._answering:
            self.abort()
        elif self._lingering or (self._incoming is None and not self._buffer):
            self._close()
        else:
            self._fail(Malformed(408, "the request did not arrive in time"))

    # What the answering side calls

    def respond(self, status: int, reason: bytes, fields: bytes, length: int | None) -> None:
        """The answer's head. `fields`: serialised lines, no framing but a Content-Length; `length`: None if unknown."""
        self._answering = True
        self._outlet.mark()
        self._chunked = length is None and self._version == b"1"
        self._until_close = length is None and not self._chunked
        if self._body is not None or self._draining or self._until_close or (self._ended and not self._buffer):
            self._keep_alive = False
        head = answer_head(self._version, status, reason, fields, chunked=self._chunked, keep_alive=self._keep_alive)
        self._outlet.put(head)

    def inform(self, status: int, reason: bytes, fields: bytes) -> None:
        """An interim answer (1xx); HTTP/1.0 clients know none."""
        if self._version == b"1" and not self._answering:
            self._outlet.put(b"HTTP/1.1 %d %b\r\n%b\r\n" % (status, reason, fields))
            self.flush()

    def send(self, data: bytes) -> None:
        self._outlet.put(chunk(data) if self._chunked else data)

    def flush(self) -> None:
        """Has what was given written at the end of this turn."""
        self._outlet.flush()

    def finish(self) -> None:
        """The answer is whole: the next request, or the end of the connection."""
        if self._chunked:
            self._outlet.put(LAST_CHUNK)
        self._incoming = None
        self._answering = False
        if not self._keep_alive:
            self._linger()
        elif self._ended and not self._buffer:
            self._close()
        else:
            self._outlet.flush()
            if not self._outlet.stalled:
                self._next()

    def retract(self) -> bool:
        """Takes back an answer of which nothing has been written; False if it is too late."""
        if not self._outlet.take_back():
            return False
        self._answering = self._chunked = self._until_close = False
        return True

    def abort(self) -> None:
        """Ends an answer that will not be whole, so that the client can see that it is not."""
        if self._until_close and self._transport is not None:
            reset(self._transport)
        else:
            self._close()

    def pause_reading(self) -> None:
        if not self._paused and self._transport is not None:
            self._paused = True
            self._paused_at = self._ticker.now()
            if not self._outlet.stalled:
                self.deadline = NEVER
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if self._paused and self._transport is not None:
            self._paused = False
            if self._body is not None:
                self._body_due += self._ticker.now() - self._paused_at
                self._due_body()
            self._transport.resume_reading()

    def join(self, upstream: Joinable) -> None:
        """The answer was 101: from here on bytes go to `upstream` and come from it as they are."""
        near = Tunnel(self._ticker, self, upstream).near
        if self._outlet.stalled:
            near.pause_writing()
        if self._ended:
            near.eof_received()

    def detach(self) -> tuple[asyncio.Transport, bytes]:
        """Gives the transport away, with what came behind the request, which stays at hand: no other follows."""
        assert self._transport is not None
        self._outlet.write_out()
        self.resume_reading()
        self.deadline = NEVER
        rest, self._buffer = self._buffer, b""
        return self._transport, rest

    def drain(self) -> None:
        """No request after the next, which may be on its way already: its answer says that it is the last one."""
        self._draining = True
        if self._incoming is None and not self._buffer:
            self._due(self._settings.last_call)

    # Reading

    def _next(self) -> None:
        self._due(self._settings.last_call if self._draining else self._settings.keep_alive)
        self.resume_reading()
        if self._buffer or self._ended:
            self._read()

    def _read(self) -> None:
        """Reads as far as may be read now: a head, its body, and the next request once the answer is out."""
        if self._reading:
            return
        self._reading = True
        try:
            while self._buffer and not self._lingering and (self._body is not None or self._may_begin()):
                if not (self._read_head() if self._body is None else self._read_body()):
                    break
        except Malformed as fault:
            self._fail(fault)
        except Exception:  # noqa: BLE001  # our own mistakes end here
            _log.exception("a request could not be handled; its connection is ended, and no other")
            if self._transport is not None:
                reset(self._transport)
        finally:
            self._reading = False
        if self._incoming is not None:
            self._incoming.request_flush()
        elif self._ended and not self._lingering and not self._outlet.stalled:
            self._close()
        if self._body is None and len(self._buffer) > PIPELINED and not self._may_begin():
            self.pause_reading()

    def _may_begin(self) -> bool:
        """Whether the next request may be read: the answer before it is out, and the client takes what it gets."""
        return self._incoming is None and not self._outlet.stalled

    def _read_head(self) -> bool:
        buffer = self._buffer
        if self._searched == 0 and buffer[:1] == b"\r":
            buffer = self._buffer = without_empty_lines(buffer)
            if buffer in (b"", b"\r"):
                return False
        end = find_head_end(self._settings, buffer, self._searched)
        if end < 0:
            if self._searched == 0:
                self._due(self._settings.head_timeout)
            self._searched = len(buffer)
            return False
        self._searched = 0
        self._buffer = buffer[end + 4 :]
        self._begin(read_request_head(buffer[: end + 4], self._settings.headers))
        return True

    def _begin(self, head: RequestHead) -> None:
        self._version = head.version
        self._keep_alive = head.keep_alive
        self._body = None if head.length == 0 else Chunked() if head.length is None else Sized(head.length)
        due = NEVER if self._body is None else self._ticker.now() + self._settings.idle_timeout
        self.deadline = self._body_due = due
        incoming = self._incoming = self._application(self, head)
        incoming.start()
        if self._incoming is not incoming:
            return
        if self._body is None:
            incoming.request_end()
        elif head.expects_continue and not self._buffer:
            self.inform(100, b"Continue", b"")

    def _read_body(self) -> bool:
        assert self._body is not None
        payload, rest = self._body.feed(self._buffer)
        self._buffer = rest or b""
        incoming = self._incoming
        if rest is None:
            self._body_due += len(payload) / self._settings.body_rate
            self._due_body()
        else:
            self._body = None
            self.deadline = self._body_due = NEVER
        if incoming is not None:
            if payload:
                incoming.request_body(payload)
            if rest is not None and self._incoming is incoming:
                incoming.request_end()
        return rest is not None

    # Time

    def _due(self, seconds: float) -> None:
        self.deadline = self._ticker.now() + seconds

    def _due_body(self) -> None:
        """The next byte of the body, and all of it at its least rate."""
        if not self._outlet.stalled:
            self.deadline = min(self._ticker.now() + self._settings.idle_timeout, self._body_due)

    def _cut_unread(self) -> None:
        """A client that takes what it gets, however slowly, is waited for; one that takes nothing is cut."""
        if self._outlet.progressed():
            self._due(self._settings.idle_timeout)
        elif self._transport is not None:
            reset(self._transport)

    # Ending

    def _fail(self, fault: Malformed) -> None:
        """What came is no request, or no body of the one at hand: it is answered and nothing more is read."""
        self._keep_alive = False
        if self._incoming is not None:
            self._incoming.client_refused(fault.status, fault.detail)
        else:
            self._refuse(self, fault)

    def _linger(self) -> None:
        """Closes the sending side at once and the connection when the client has, or after a moment."""
        if self._transport is None or self._ended or not (self._transport.can_write_eof() or self._body):
            self._close()  # over TLS there is no closing of one side: who has sent all is let go at once
            return
        self._outlet.write_out()
        self._lingering = True
        self._buffer = b""
        self.resume_reading()
        if not self._outlet.stalled:
            self._due(self._settings.linger)
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _close(self) -> None:
        """Closes once what was written is taken, or its time is over."""
        self._outlet.write_out()
        if self._transport is not None:
            self._outlet.progressed()
            self._due(self._settings.idle_timeout)
            self._transport.close()
