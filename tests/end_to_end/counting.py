"""Upstreams that count what they execute, and end connections at the byte that a test names.

Law of this file: executed means that a whole request was received, also one whose end came after this side had stopped
sending. A lane is one upstream on one port; it is struck once for each time that it is armed.
"""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

ANSWER_BODY = b'{"id": "pay_00000001", "amount": "10.00"}'
ANSWERS = {
    "sized": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 41\r\n\r\n" + ANSWER_BODY,
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n%b\r\n15\r\n%b\r\n0\r\n\r\n"
    % (ANSWER_BODY[:20], ANSWER_BODY[20:]),
    "until close": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + ANSWER_BODY,
}


def answer_to(request: bytes, framing: str) -> bytes:
    """The whole answer; to HEAD without a body."""
    answer = ANSWERS[framing]
    return answer[: answer.index(b"\r\n\r\n") + 4] if request[:5] == b"HEAD " else answer


WARM = b"warm"
"""In the target of what is not counted: the requests that make a connection a kept one."""


@dataclass(frozen=True, slots=True)
class Strike:
    """Where a connection is ended: after `read` bytes of a request, and once it is whole after `written` of its answer.

    `reset`: by RST; else by FIN, and what comes after is still read.
    """

    read: int
    written: int
    reset: bool


@dataclass(slots=True)
class Attempt:
    """One request as it came over one connection. `kept`: the connection had served before."""

    kept: bool
    received: bytes = b""
    head: int = 0
    total: int | None = None


@dataclass(slots=True)
class Lane:
    """One upstream. `attempts`: what has come, but for warm requests, since it was armed last."""

    port: int = 0
    framing: str = "sized"
    strike: Strike | None = None
    attempts: list[Attempt] = field(default_factory=list)
    executed: Counter[bytes] = field(default_factory=Counter)
    connections: set["_Connection"] = field(default_factory=set)
    struck: asyncio.Event = field(default_factory=asyncio.Event)
    idle: float | None = None
    """Seconds after which a connection that waits is closed; None: never."""

    def arm(self, strike: Strike | None, framing: str) -> None:
        """What happens to the next request. At byte 0: to a connection as it is accepted, or to the one that waits."""
        self.strike, self.framing = strike, framing
        self.attempts = []
        self.struck.clear()
        if strike is not None and strike.read == 0 and self.connections:
            self.hit(next(iter(self.connections)))

    def hit(self, connection: "_Connection") -> None:
        strike, self.strike = self.strike, None
        assert strike is not None
        connection.end(reset=strike.reset)
        self.struck.set()

    async def empty(self) -> None:
        """Ends what waits and returns when the proxy has noticed."""
        for connection in list(self.connections):
            connection.end(reset=False)
        async with asyncio.timeout(5):
            while self.connections:
                await asyncio.sleep(0.001)


class _Connection(asyncio.Protocol):
    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._transport: asyncio.Transport
        self._attempt: Attempt | None = None
        self._served = 0
        self._ended = False
        self._closing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._lane.connections.add(self)
        if self._lane.strike is not None and self._lane.strike.read == 0:
            self._lane.hit(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lane.connections.discard(self)
        if self._closing is not None:
            self._closing.cancel()

    def data_received(self, data: bytes) -> None:
        attempt = self._attempt or self._begin()
        attempt.received += data
        if WARM not in attempt.received[:40] and all(each is not attempt for each in self._lane.attempts):
            self._lane.attempts.append(attempt)
        _measure(attempt)
        strike = self._lane.strike
        whole = attempt.total is not None and len(attempt.received) >= attempt.total
        if strike is not None and WARM not in attempt.received[:40] and not self._ended:
            if len(attempt.received) >= strike.read and not whole:
                self._lane.hit(self)
            elif whole:
                self._execute(attempt)
                self._transport.write(answer_to(attempt.received, self._lane.framing)[: strike.written])
                self._lane.hit(self)
                return
        if whole:
            self._execute(attempt)
            self._answer(attempt)

    def end(self, *, reset: bool) -> None:
        self._ended = True
        if reset:
            sock = self._transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()
        elif self._transport.can_write_eof() and not self._transport.is_closing():
            self._transport.write_eof()

    def _begin(self) -> Attempt:
        self._attempt = Attempt(self._served > 0)
        if self._closing is not None:
            self._closing.cancel()
        return self._attempt

    def _execute(self, attempt: Attempt) -> None:
        self._lane.executed[attempt.received.split(b" ", 2)[1]] += 1
        self._attempt = None
        self._served += 1

    def _answer(self, attempt: Attempt) -> None:
        if self._ended:
            return
        framing = "sized" if WARM in attempt.received[:40] else self._lane.framing
        self._transport.write(answer_to(attempt.received, framing))
        if framing == "until close":
            self._ended = True
            self._transport.close()
        elif self._lane.idle is not None:
            self._closing = asyncio.get_running_loop().call_later(self._lane.idle, self._transport.close)


def _measure(attempt: Attempt) -> None:
    """Where the request ends, as soon as that can be told."""
    received = attempt.received
    if not attempt.head:
        attempt.head = received.find(b"\r\n\r\n") + 4 if b"\r\n\r\n" in received else 0
    lower = received[: attempt.head].lower()
    if b"\r\ntransfer-encoding: chunked" in lower:
        end = received.find(b"0\r\n\r\n", attempt.head)
        attempt.total = end + 5 if end >= 0 else None
    elif b"\r\ncontent-length:" in lower:
        attempt.total = attempt.head + int(lower.split(b"\r\ncontent-length:")[1].split(b"\r\n")[0])
    elif attempt.head:
        attempt.total = attempt.head


@asynccontextmanager
async def counting(number: int, idle: float | None = None) -> AsyncIterator[list[Lane]]:
    """`number` lanes on free ports."""
    loop = asyncio.get_running_loop()
    lanes = [Lane(idle=idle) for _ in range(number)]
    servers = []
    for lane in lanes:
        server = await loop.create_server(lambda lane=lane: _Connection(lane), "127.0.0.1", 0)  # type: ignore[misc]
        lane.port = server.sockets[0].getsockname()[1]
        servers.append(server)
    try:
        yield lanes
    finally:
        for server in servers:
            server.close()
        for lane in lanes:
            for connection in list(lane.connections):
                connection.end(reset=True)
