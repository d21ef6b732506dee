"""What is kept of one exchange for the channel.

Law of this file: the copy is whole or not at all: beyond the route's cap it is dropped and counted. Of a write that
would be copied the head is offered still, since its entities now have a gap. It is made later, when no answer waits to
be written: not even making it delays one.
"""

from time import time
from typing import TYPE_CHECKING

from proxy.messages import (
    OVER_CAP,
    Exchange,
    Failure,
    Hop,
    Observation,
    Plan,
    Request,
    RequestHead,
    Response,
    ResponseHead,
)

if TYPE_CHECKING:
    from proxy.gateway.gateway import Gateway


class Copy:
    """`cap`: what both bodies together stay below, in bytes; `is_write`: it may change something; `asked`, `answered`:
    pieces of the bodies.
    """

    __slots__ = (
        "_began",
        "_gateway",
        "_head",
        "_hop",
        "_is_write",
        "_left",
        "_outcome",
        "_plan",
        "_seconds",
        "_table",
        "answered",
        "asked",
    )

    _began: float
    _outcome: ResponseHead | Failure
    _seconds: float

    def __init__(
        self, gateway: "Gateway", table: str, head: RequestHead, hop: Hop, plan: Plan, cap: int, is_write: bool
    ) -> None:
        self._gateway = gateway
        self._is_write = is_write
        self._table = table
        self._head = head
        self._hop = hop
        self._plan = plan
        self._left = cap
        self.asked: list[bytes] = []
        self.answered: list[bytes] = []

    def keep(self, pieces: list[bytes], data: bytes) -> None:
        """Adds to `asked` or to `answered`."""
        self._left -= len(data)
        if self._left > 0:
            pieces.append(data)
        elif self._left + len(data) > 0:
            self.asked.clear()
            self.answered.clear()
            self._gateway.meter.dropped("over-cap")

    def complete(self, outcome: ResponseHead | Failure, seconds: float) -> None:
        """Has the copy offered, later. `seconds`: how long the primary took."""
        if self._left > 0 or self._is_write:
            self._began = time() - seconds
            self._outcome = outcome
            self._seconds = seconds
            self._gateway.turn.afterwards(self._offer)

    def _offer(self) -> None:
        head = self._head
        plan = self._plan if self._left > 0 else _without_bodies(self._plan)
        request = Request(head.method, head.target, head.headers, b"".join(self.asked))
        primary = Observation(plan.primary, plan.backend, self._answered_with(), self._seconds)
        new_id = self._gateway.new_id()
        self._gateway.channel.offer(
            Exchange(new_id, self._began, self._table, self._hop, request, plan, primary)  # by place: it is cheaper
        )

    def _answered_with(self) -> Response | Failure:
        outcome = self._outcome
        if isinstance(outcome, Failure):
            return outcome
        return Response(outcome.status, outcome.reason, outcome.headers, b"".join(self.answered))


def _without_bodies(plan: Plan) -> Plan:
    return Plan(plan.route, plan.stage, plan.primary, plan.backend, plan.shadow, OVER_CAP, True, True)
