"""What is kept of one exchange for the channel.

Law of this file: the copy is whole or not at all: beyond the route's cap it is dropped and counted. It is made once the
answers of the turn are written: not even making it delays one.
"""

from time import time
from typing import TYPE_CHECKING

from proxy.messages import Exchange, Failure, Hop, Observation, Plan, Request, RequestHead, Response, ResponseHead

if TYPE_CHECKING:
    from proxy.gateway.gateway import Gateway


class Copy:
    """`cap`: what both bodies together stay below, in bytes."""

    __slots__ = ("_answer", "_gateway", "_head", "_hop", "_left", "_outcome", "_plan", "_request", "_seconds", "_table")

    _outcome: ResponseHead | Failure
    _seconds: float

    def __init__(self, gateway: "Gateway", table: str, head: RequestHead, hop: Hop, plan: Plan, cap: int) -> None:
        self._gateway = gateway
        self._table = table
        self._head = head
        self._hop = hop
        self._plan = plan
        self._left = cap
        self._request: list[bytes] = []
        self._answer: list[bytes] = []

    def asked(self, data: bytes) -> None:
        self._keep(self._request, data)

    def answered(self, data: bytes) -> None:
        self._keep(self._answer, data)

    def complete(self, outcome: ResponseHead | Failure, seconds: float) -> None:
        """Has the copy offered after the writes of this turn. `seconds`: how long the primary took."""
        if self._left > 0:
            self._outcome = outcome
            self._seconds = seconds
            self._gateway.turn.afterwards(self._offer)

    def _keep(self, pieces: list[bytes], data: bytes) -> None:
        if self._left <= 0:
            return
        self._left -= len(data)
        if self._left > 0:
            pieces.append(data)
            return
        self._request.clear()
        self._answer.clear()
        self._gateway.meter.dropped("over-cap")

    def _offer(self) -> None:
        head = self._head
        exchange = Exchange(
            id=self._gateway.new_id(),
            started_at=time() - self._seconds,
            table=self._table,
            hop=self._hop,
            request=Request(head.method, head.target, head.headers, b"".join(self._request)),
            plan=self._plan,
            primary=Observation(self._plan.primary, self._plan.backend, self._answered_with(), self._seconds),
        )
        self._gateway.channel.offer(exchange)

    def _answered_with(self) -> Response | Failure:
        outcome = self._outcome
        if isinstance(outcome, Failure):
            return outcome
        return Response(outcome.status, outcome.reason, outcome.headers, b"".join(self._answer))
