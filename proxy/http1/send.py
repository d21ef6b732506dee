"""One whole request and its whole answer as values, for those who have no client waiting: shadows and probes.

Law of this file: a request is sent at most once, on whatever connection; nothing is repeated. An answer larger than
`max_body` bytes is a failure of kind too-large, not a part of an answer.
"""

import asyncio

from proxy.http1.client import ClientConnection
from proxy.http1.pool import Pool
from proxy.http1.ticker import NEVER
from proxy.messages import Failure, FailureKind, Response, ResponseHead


async def send(pool: Pool, request: bytes, *, timeout: float, max_body: int) -> Response | Failure:  # noqa: ASYNC109  # part of the outcome
    """What the upstream answers to the serialised `request` within `timeout` seconds; at most `max_body` bytes of
    body.
    """
    sending = _Sending(pool, request, timeout, max_body)
    sending.start()
    try:
        return await sending.outcome
    except asyncio.CancelledError:
        sending.abandon()
        raise


class _Sending:
    """One request that waits for its answer. It is its own deadline: the whole answer is due, not just its head."""

    def __init__(self, pool: Pool, request: bytes, timeout: float, max_body: int) -> None:
        self.outcome: asyncio.Future[Response | Failure] = asyncio.get_running_loop().create_future()
        self._pool = pool
        self._request = request
        self._timeout = timeout
        self._left = max_body
        self._connection: ClientConnection | None = None
        self._head: ResponseHead | None = None
        self._body: list[bytes] = []
        self.deadline = NEVER

    def start(self) -> None:
        self.deadline = self._pool.ticker.now() + self._timeout
        self._pool.ticker.watch(self)
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
        connection.begin(
            self,
            self._request,
            to_head=self._request.startswith(b"HEAD "),
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

    def expire(self) -> None:
        """The deadline has passed: see Ticker."""
        sent = self._connection is not None
        self._give_up(Failure(FailureKind.TIMEOUT, sent, f"no whole answer within {self._timeout:g} s"))

    def _give_up(self, failure: Failure) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abandon()
        else:
            self._pool.forget(self)
        self._settle(failure)

    def _settle(self, outcome: Response | Failure) -> None:
        self._connection = None
        self._stop_clock()
        if not self.outcome.done():
            self.outcome.set_result(outcome)

    def _stop_clock(self) -> None:
        self.deadline = NEVER
        self._pool.ticker.forget(self)
