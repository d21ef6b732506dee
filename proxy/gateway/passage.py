"""One request on its way: it is planned, streams to the primary, and the primary's answer streams back.

Law of this file: the client gets exactly one answer, the primary's or one that says why there is none. A request is
sent to one system only and never to the other. It is sent again only if the method is safe, nothing but a head was
sent, on a kept connection that ended before any byte of an answer. A client that leaves does not cancel a request that
was sent whole. The copy for the channel is kept on the way and offered after the answer is out; a request that offers
WebSocket is not copied, since a tunnel has no answer to compare and a shadow is offered nothing.
"""

from time import perf_counter
from typing import TYPE_CHECKING, Final

from proxy.gateway import answers, fields
from proxy.gateway.answers import Answer
from proxy.gateway.breaker import CLIENT_GONE, FAILED
from proxy.gateway.copy import Copy
from proxy.gateway.ports import Client, Connection
from proxy.messages import Failure, FailureKind, Hop, Plan, RequestHead, ResponseHead, System, is_marked
from proxy.routing.route import Backend, Route
from proxy.routing.split import asks
from proxy.routing.table import RouteTable

if TYPE_CHECKING:
    from proxy.gateway.gateway import Gateway

_CANDIDATE: Final = System.CANDIDATE


class Passage:
    """The state of one request, from its head to the end of its answer."""

    __slots__ = (
        "_answered",
        "_backend",
        "_client",
        "_connection",
        "_copy",
        "_gateway",
        "_head",
        "_headed_after",
        "_hop",
        "_plan",
        "_planned",
        "_queued",
        "_received",
        "_repeated",
        "_response",
        "_route",
        "_started",
        "_table",
        "_upstreams",
        "_websocket",
        "_whole_at",
        "body",
    )

    _plan: Plan
    _route: Route
    _backend: Backend
    body: bytes | None  # what a route may be chosen by; known only where one is (held.py)

    def __init__(self, gateway: "Gateway", table: RouteTable, client: Client, head: RequestHead) -> None:
        self._gateway = gateway
        self._table = table
        self._upstreams = gateway.upstreams
        self._client: Client | None = client
        self._head = head
        self._hop = Hop(client.peer.encode(), gateway.trusts(client.peer), client.secure)
        self._connection: Connection | None = None
        self._response: ResponseHead | None = None
        self._queued: list[bytes] = []
        self._received = 0
        self._answered = False
        self._repeated = self._planned = False
        self._websocket = head.connection != b"" and fields.offers_websocket(head)
        self._copy: Copy | None = None
        self._started = perf_counter()
        self._whole_at = self._headed_after = 0.0
        self.body = None

    # The request

    def start(self) -> None:
        self._gateway.meter.began()
        head = self._head
        route = self._gateway.find(self._table, head, self.body)
        if isinstance(route, Answer):
            self._answer(route, None)
            return
        marked = is_marked(head.headers)
        self._route = route
        self._plan = self._gateway.plan(route, head, self._hop, marked=marked)
        self._backend = self._table.backends[self._plan.backend]
        self._planned = True
        refusal = self._gateway.refusal(self._table, self._backend, head, marked=marked)
        if refusal is None:
            self._planned_as(marked)
        else:
            self._answer(refusal, route.name)

    def _planned_as(self, marked: bool) -> None:
        """It may go, as it is planned."""
        self._go()

    def _go(self) -> None:
        plan, cap = self._plan, self._route.shadowing.max_body
        if plan.shadow is not None and not self._websocket:
            self._copy = Copy(self._gateway, self._table.hash, self._head, self._hop, plan, cap, not self._asks())
            for piece in self._queued:
                self._copy.keep(self._copy.asked, piece)
        self._connect(fresh=False)

    def _connect(self, *, fresh: bool) -> None:
        if (connection := self._upstreams.acquire(self._backend.name, self, fresh=fresh)) is not None:
            self._begin(connection)
        else:
            self._hold()

    def _hold(self) -> None:
        if self._client is not None and self._head.length != 0 and not self._answered:
            self._client.pause_reading()

    def connected(self, connection: Connection) -> None:
        """A connection has come later."""
        if self._answered:
            self._upstreams.give_back(self._backend.name, connection)
            return
        if self._client is not None:
            self._client.resume_reading()
        self._begin(connection)
        connection.flush()

    def _begin(self, connection: Connection) -> None:
        self._connection = connection
        head = self._head
        backend, timeouts = self._backend, self._route.timeouts_for(self._plan.primary)
        raw = fields.request_head(head, self._hop, backend.host_header, backend.base_path)
        connection.begin(
            self,
            fields.offering(raw) if self._websocket else raw,
            to_head=head.method == b"HEAD",
            chunked=head.length is None,
            timeout=timeouts.request,
            idle=timeouts.idle,
        )
        if self._websocket:
            connection.may_switch(self)
        for piece in self._queued:
            connection.send(piece)
        self._queued.clear()
        if self._whole_at:
            connection.finish()

    def request_body(self, data: bytes) -> None:
        if self._answered:
            return
        self._received += len(data)
        if self._received > self._table.limits.body_bytes:
            self._cut_off(answers.too_large(self._table.limits.body_bytes))
            return
        if self._copy is not None:
            self._copy.keep(self._copy.asked, data)
        if self._connection is None:
            self._queued.append(data)
        else:
            self._connection.send(data)

    def request_end(self) -> None:
        self._whole_at = perf_counter()
        if self._connection is not None:
            self._connection.finish()

    def request_flush(self) -> None:
        if self._connection is not None:
            self._connection.flush()

    def pause_request(self) -> None:
        if self._client is not None:
            self._client.pause_reading()

    def resume_request(self) -> None:
        if self._client is not None:
            self._client.resume_reading()

    # The answer

    def response_informed(self, head: ResponseHead) -> None:
        if self._client is not None:
            self._client.inform(head.status, head.reason, fields.response_fields(head))

    def response_switched(self, head: ResponseHead) -> bool:
        """The upstream takes the offer: this request is over, and what follows is none of ours."""
        connection = self._connection
        if connection is None or not fields.accepts_websocket(head):
            return False
        self._connection = None
        self._answered = True
        self._count(101)
        if self._client is None:
            connection.abandon()
        else:
            self._client.inform(101, head.reason, fields.switching_fields(head))
            self._client.join(connection)
        return True

    def response_head(self, head: ResponseHead) -> None:
        self._response = head
        if self._whole_at:
            self._headed_after = perf_counter() - self._whole_at
        if self._client is not None:
            self._client.respond(head.status, head.reason, fields.response_fields(head), head.length)

    def response_body(self, data: bytes) -> None:
        if self._copy is not None:
            self._copy.keep(self._copy.answered, data)
        if self._client is not None:
            self._client.send(data)

    def response_flush(self) -> None:
        if self._client is not None:
            self._client.flush()

    def pause_answer(self) -> None:
        if self._connection is not None:
            self._connection.pause_reading()

    def resume_answer(self) -> None:
        if self._connection is not None:
            self._connection.resume_reading()

    def response_end(self) -> None:
        head = self._response
        assert head is not None
        self._connection = None
        self._answered = True
        seconds = self._count(head.status)
        if self._client is not None:
            self._client.finish()
        if self._copy is not None:
            self._copy.complete(head, seconds)

    def response_failed(self, failure: Failure) -> None:
        connection, self._connection = self._connection, None
        if self._answered:
            return
        if self._may_repeat(failure, connection):
            self._repeated = True
            self._connect(fresh=True)
            return
        self._lost(failure)
        if self._response is not None and (self._client is None or not self._client.retract()):
            self._break_off(FAILED)
        else:
            answer = answers.for_failure(failure, self._backend.name, safe=self._asks())
            self._answer(answer, self._route.name, self._plan.primary)
        if self._copy is not None:
            self._copy.complete(failure, perf_counter() - self._started)

    def _lost(self, failure: Failure) -> None:
        """No true answer comes: of a write that may have been sent nobody knows what became."""
        if failure.maybe_sent and not self._asks():
            self._gateway.meter.unknown(self._route.name)

    def _may_repeat(self, failure: Failure, connection: Connection | None) -> bool:
        return (
            failure.kind is FailureKind.RESET
            and connection is not None
            and connection.served > 0
            and not connection.heard
            and not self._repeated
            and self._client is not None
            and self._head.length == 0
            and self._asks()
        )

    def _asks(self) -> bool:
        """Whether the request only asks, so that repeating it changes nothing."""
        return asks(self._route.semantics, self._head.method)

    # The end

    def client_gone(self) -> None:
        """A request that was sent whole is not called off: its answer is awaited and counted."""
        self._client = None
        if self._answered:
            return
        if not self._planned:  # our own mistake ended it before it had a route
            self._answer(answers.broken(), None)
            return
        if self._whole_at and self._connection is not None:
            self._connection.resume_reading()
            return
        self._call_off()
        self._count(499)

    def client_refused(self, status: int, detail: str) -> None:
        """What followed the head cannot be read as its body: nothing complete may reach the upstream."""
        self._cut_off(answers.refused(status, detail))

    def _call_off(self) -> None:
        self._answered = True
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abandon()
        else:
            self._upstreams.forget(self._backend.name, self)

    def _cut_off(self, answer: Answer) -> None:
        self._call_off()
        if self._response is not None:
            self._break_off(CLIENT_GONE)
        else:
            self._answer(answer, self._route.name)

    def _break_off(self, heard: int) -> None:
        """`heard`: what the breaker of the candidate makes of it."""
        self._answered = True
        self._count(self._response.status if self._response is not None else 502, heard)
        if self._client is not None:
            self._client.abort()

    def _answer(self, answer: Answer, route: str | None, system: System | None = None) -> None:
        """An answer of our own; `system`: whose failure it tells of. The client may still be sending: its connection
        sees to that.
        """
        self._answered = True
        self._gateway.meter.answered(route or "", system, answer.status, perf_counter() - self._started)
        if system is _CANDIDATE:
            self._gateway.breakers.heard(self._plan, answer.status)
        if self._client is not None:
            self._client.respond(answer.status, answer.reason, answer.fields, len(answer.body))
            if self._head.method != b"HEAD":
                self._client.send(answer.body)
            self._client.finish()

    def _count(self, status: int, heard: int | None = None) -> float:
        """Returns the seconds that it took, as they were counted."""
        seconds = perf_counter() - self._started
        self._gateway.meter.answered(self._route.name, self._plan.primary, status, seconds)
        if self._plan.primary is _CANDIDATE:
            self._gateway.breakers.heard(self._plan, status if heard is None else heard, self._headed_after)
        return seconds
