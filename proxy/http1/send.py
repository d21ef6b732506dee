"""One whole request and its whole answer as values, for those who have no client waiting: shadows and probes.

Law of this file: a request is sent at most once, on whatever connection; nothing is repeated. An answer larger than
`max_body` bytes is a failure of kind garbage, not a part of an answer.
"""

import asyncio

from proxy.http1.client import ClientConnection
from proxy.http1.pool import Pool
from proxy.messages import Failure, FailureKind, Request, Response, ResponseHead


def serialise(request: Request) -> bytes:
    """The request's bytes; its headers carry no framing of their own but at most one Content-Length."""
    lines = [b"%b %b HTTP/1.1\r\n" % (request.method, request.target)]
    lines += [b"%b: %b\r\n" % field for field in request.headers if field[0].lower() != b"content-length"]
    if request.body or request.method in (b"POST", b"PUT", b"PATCH"):
        lines.append(b"Content-Length: %d\r\n" % len(request.body))
    return b"".join((*lines, b"\r\n", request.body))


async def send(pool: Pool, request: Request, *, timeout: float, max_body: int) -> Response | Failure:
    """What the upstream answers within `timeout` seconds of the connection; at most `max_body` bytes of body."""
    sending = _Sending(pool, request, timeout, max_body)
    sending.start()
    try:
        return await sending.outcome
    except asyncio.CancelledError:
        sending.abandon()
        raise


class _Sending:
    """One request that waits for its answer. It is its own deadline: the whole answer is due, not just its head."""

    def __init__(self, pool: Pool, request: Request, timeout: float, max_body: int) -> None:
        self.outcome: asyncio.Future[Response | Failure] = asyncio.get_running_loop().create_future()
        self._pool = pool
        self._request = request
        self._timeout = timeout
        self._left = max_body
        self._connection: ClientConnection | None = None
        self._head: ResponseHead | None = None
        self._body: list[bytes] = []
        self._due: asyncio.TimerHandle | None = None

    def start(self) -> None:
        connection = self._pool.acquire(self)
        if connection is not None:
            self.connected(connection)

    def abandon(self) -> None:
        self._pool.forget(self)
        self._stop_clock()
        if self._connection is not None:
            self._connection.abandon()

    def connected(self, connection: ClientConnection) -> None:
        if self.outcome.done():
            self._pool.give_back(connection)
            return
        self._connection = connection
        self._due = asyncio.get_running_loop().call_later(self._timeout, self._expire)
        connection.begin(
            self,
            serialise(self._request),
            to_head=self._request.method == b"HEAD",
            chunked=False,
            timeout=self._timeout,
            idle=self._timeout,
        )
        connection.finish()
        connection.flush()

    def response_head(self, head: ResponseHead) -> None:
        self._head = head

    def response_informed(self, head: ResponseHead) -> None:
        """Interim answers are not compared."""

    def response_body(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            self._give_up(Failure(FailureKind.TOO_LARGE, True, "an answer beyond the size that is compared"))
        else:
            self._body.append(data)

    def response_end(self) -> None:
        assert self._head is not None
        head = self._head
        self._settle(Response(head.status, head.reason, head.headers, b"".join(self._body)))

    def response_flush(self) -> None:
        """Nothing waits for a part of the answer."""

    def response_failed(self, failure: Failure) -> None:
        self._settle(failure)

    def pause_request(self) -> None:
        """The request has been handed over whole; its size was bounded where it was kept."""

    def resume_request(self) -> None:
        """See pause_request."""

    def _expire(self) -> None:
        self._give_up(Failure(FailureKind.TIMEOUT, True, f"no whole answer within {self._timeout:g} s"))

    def _give_up(self, failure: Failure) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abandon()
        self._settle(failure)

    def _settle(self, outcome: Response | Failure) -> None:
        self._connection = None
        self._stop_clock()
        if not self.outcome.done():
            self.outcome.set_result(outcome)

    def _stop_clock(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
