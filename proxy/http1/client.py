"""One upstream connection: a request is written, its answer is read, and the connection is given back or closed.

Law of this file: a request is written once. Whether it may be repeated is not decided here: a failure says whether a
byte of it may have been sent and whether the connection had served before. An answer that is not one HTTP/1.1 message
in one way only is a failure of kind garbage, and its connection is never used again. So is a 101, unless whoever asked
had offered to switch: then the transport is taken over, and the connection stays one of its pool's until that ends.
"""

import asyncio
import select
from collections.abc import Callable
from typing import Final, Protocol

from proxy.http1.body import LAST_CHUNK, BodyReader, Chunked, Sized, UntilClose, chunk
from proxy.http1.head import HEAD_END, is_chunked, read_response_head
from proxy.http1.line import Malformed
from proxy.http1.outlet import Outlet
from proxy.http1.ticker import NEVER, Ticker
from proxy.messages import Failure, FailureKind, ResponseHead

RESPONSE_HEAD: Final = 64 * 1024
RESPONSE_FIELDS: Final = 200
INTERIM_ANSWERS: Final = 16


class Outgoing(Protocol):
    """What waits for one answer."""

    def response_head(self, head: ResponseHead) -> None: ...
    def response_informed(self, head: ResponseHead) -> None: ...
    def response_body(self, data: bytes) -> None: ...
    def response_end(self) -> None: ...
    def response_flush(self) -> None: ...
    def response_failed(self, failure: Failure) -> None: ...
    def pause_request(self) -> None: ...
    def resume_request(self) -> None: ...


class Switching(Protocol):
    """What has offered to switch to another protocol."""

    def response_switched(self, head: ResponseHead) -> bool:
        """The answer is 101. Takes the connection over; False if that is not what was offered."""


class ClientConnection:
    """An asyncio.Protocol in all but its base, as ServerConnection.

    `released(connection, reusable)` is called when an exchange is over, or the connection is. `silent`: its last
    exchange failed before any byte of an answer, and not only because a kept connection had been closed meanwhile.
    """

    def __init__(self, ticker: Ticker, released: Callable[["ClientConnection", bool], None]) -> None:
        self._ticker = ticker
        self._released = released
        self._transport: asyncio.Transport | None = None
        self._poll = select.poll()
        self._outgoing: Outgoing | None = None
        self._switching: Switching | None = None
        self._buffer = b""
        self._body: BodyReader | None = None
        self._outlet = Outlet(ticker.turn)
        self._to_head = False
        self._chunked = False
        self._answered = False
        self._whole = False
        self._keep = True
        self._interim = 0
        self._paused = False
        self._timeout = 0.0
        self._idle = 0.0
        self.served = 0
        self.heard = False
        self.silent = False
        self.deadline = NEVER

    @property
    def open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    @property
    def quiet(self) -> bool:
        """Whether it is open and nothing waits to be read: neither the upstream's end nor what nobody asked for."""
        return self.open and not self._poll.poll(0)

    # What the requesting side calls

    def begin(
        self, outgoing: Outgoing, head: bytes, *, to_head: bool, chunked: bool, timeout: float, idle: float
    ) -> None:
        """Starts an exchange. `head`: serialised; `timeout`: seconds from the whole request to the answer's head;
        `idle`: of silence.
        """
        self._outgoing = outgoing
        self._switching = None
        self._outlet.mark()
        self._outlet.put(head)
        self._to_head = to_head
        self._chunked = chunked
        self._timeout = timeout
        self._idle = idle
        self._answered = self._whole = self.heard = False
        self._keep = True
        self._interim = 0
        self.deadline = NEVER

    def may_switch(self, switching: Switching) -> None:
        """The request that has begun offers another protocol: its 101 is no garbage."""
        self._switching = switching

    def send(self, data: bytes) -> None:
        self._outlet.put(chunk(data) if self._chunked else data)

    def finish(self) -> None:
        """The request is whole."""
        if self._chunked:
            self._outlet.put(LAST_CHUNK)
        self._whole = True
        if not self._answered:
            self.deadline = self._ticker.now() + self._timeout

    def flush(self) -> None:
        """Has what was given written at the end of this turn."""
        self._outlet.flush()

    def abandon(self) -> None:
        """The answer is of no use any more: the connection is ended, since what it will carry cannot be told apart."""
        self._outgoing = None
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def detach(self) -> tuple[asyncio.Transport, bytes]:
        """Gives the transport away, with what came behind the answer's head."""
        assert self._transport is not None
        self._outgoing = None
        self._outlet.write_out()
        self.resume_reading()
        self.deadline = NEVER
        rest, self._buffer = self._buffer, b""
        return self._transport, rest

    def pause_reading(self) -> None:
        if not self._paused and self._transport is not None:
            self._paused = True
            self.deadline = NEVER
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if self._paused and self._transport is not None:
            self._paused = False
            self.deadline = self._ticker.now() + self._idle
            self._transport.resume_reading()

    # What the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's transports share no class with asyncio's
        self._outlet.attach(self._transport)
        self._poll.register(transport.get_extra_info("socket"), select.POLLIN)
        self._ticker.watch(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ticker.forget(self)
        self._transport = None
        self._outlet.attach(None)
        if self._outgoing is not None:
            self._fail(FailureKind.RESET, "the connection ended before the answer was whole")
        self._released(self, False)

    def eof_received(self) -> None:
        """The upstream says no more: that ends an answer without length, and breaks off any other."""
        if isinstance(self._body, UntilClose):
            self._end()
        elif self._outgoing is not None:
            self._fail(FailureKind.RESET, "the connection ended before the answer was whole")

    def data_received(self, data: bytes) -> None:
        if self._outgoing is None:
            self.close()  # bytes that nobody asked for: the connection cannot be trusted
            return
        self.heard = True
        self._buffer = self._buffer + data if self._buffer else data
        try:
            self._read()
        except Malformed as fault:
            self._fail(FailureKind.GARBAGE, fault.detail)
        if self._outgoing is not None:
            if self._answered and not self._paused:
                self.deadline = self._ticker.now() + self._idle
            self._outgoing.response_flush()

    def pause_writing(self) -> None:
        if not self._answered:
            self.deadline = self._ticker.now() + self._idle
        if self._outgoing is not None:
            self._outgoing.pause_request()

    def resume_writing(self) -> None:
        if not self._answered:
            self.deadline = self._ticker.now() + self._timeout if self._whole else NEVER
        if self._outgoing is not None:
            self._outgoing.resume_request()

    def expire(self) -> None:
        """The deadline has passed: an answer that does not come, or a connection that nobody used."""
        self.deadline = NEVER
        if self._outgoing is None:
            self.close()
        else:
            self._fail(FailureKind.TIMEOUT, self._lateness())

    def _lateness(self) -> str:
        if self._answered:
            return "the answer stalled"
        return "no answer in time" if self._whole else "it does not read the request"

    # Reading

    def _read(self) -> None:
        while self._buffer and self._outgoing is not None:
            if self._body is None:
                if not self._read_head():
                    return
            else:
                self._read_body()

    def _read_head(self) -> bool:
        end = self._buffer.find(HEAD_END)
        if end < 0 or end > RESPONSE_HEAD:
            if len(self._buffer) > RESPONSE_HEAD:
                raise Malformed(502, f"a response head beyond {RESPONSE_HEAD} bytes")
            return False
        head = read_response_head(self._buffer[: end + 4], RESPONSE_FIELDS, to_head=self._to_head)
        self._buffer = self._buffer[end + 4 :]
        assert self._outgoing is not None
        if head.status < 200:
            self._inform(head)
            return True
        self._answered = True
        self._keep = head.keep_alive
        self._outgoing.response_head(head)
        if head.length == 0:
            self._end()
        else:
            self._body = _reader(head)
        return self._body is not None

    def _inform(self, head: ResponseHead) -> None:
        self._interim += 1
        if head.status == 101 and self._switching is not None and self._switching.response_switched(head):
            return
        if head.status == 101 or self._interim > INTERIM_ANSWERS:
            raise Malformed(502, "an interim answer that nobody asked for")
        if head.status != 100 and self._outgoing is not None:
            self._outgoing.response_informed(head)

    def _read_body(self) -> None:
        assert self._body is not None
        payload, rest = self._body.feed(self._buffer)
        self._buffer = rest or b""
        if payload and self._outgoing is not None:
            self._outgoing.response_body(payload)
        if rest is not None:
            self._end()

    # Ending

    def _end(self) -> None:
        """The answer is whole. Bytes beyond it, or a request cut short by it, end the connection after it."""
        outgoing, self._outgoing = self._outgoing, None
        self._body = None
        self.deadline = NEVER
        reusable = self._keep and self._whole and not self._buffer and self.open and not self._outlet.unsent
        self._buffer = b""
        self._outlet.forget()
        self.served += 1
        if self._paused:
            self.resume_reading()
            self.deadline = NEVER
        if reusable:
            self._released(self, True)
        elif self._transport is not None:
            self._transport.abort()  # close() would wait for an upstream that does not read the rest of the request
        if outgoing is not None:
            outgoing.response_end()

    def _fail(self, kind: FailureKind, detail: str) -> None:
        outgoing, self._outgoing = self._outgoing, None
        self._body = None
        self.deadline = NEVER
        self.silent = not self.heard and (self.served == 0 or kind is FailureKind.TIMEOUT)
        if self._transport is not None:
            self._transport.abort()
        if outgoing is not None:
            outgoing.response_failed(Failure(kind, self._outlet.written, detail))


def _reader(head: ResponseHead) -> BodyReader:
    if head.length is not None:
        return Sized(head.length)
    return Chunked() if is_chunked(head.headers) else UntilClose()
