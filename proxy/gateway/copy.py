"""What is kept of one exchange for the channel.

Law of this file: the copy is whole or not at all: beyond the route's cap it is dropped and counted. It is made later,
when no answer waits to be written: not even making it delays one.
"""

from time import time
from typing import TYPE_CHECKING

from proxy.messages import Exchange, Failure, Hop, Observation, Plan, Request, RequestHead, Response, ResponseHead

if TYPE_CHECKING:
    from proxy.gateway.gateway import Gateway


class Copy:
    """`cap`: what both bodies together stay below, in bytes; `asked`, `answered`: pieces of the bodies."""

    __slots__ = (
        "_began",
        "_gateway",
        "_head",
        "_hop",
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

    def __init__(self, gateway: "Gateway", table: str, head: RequestHead, hop: Hop, plan: Plan, cap: int) -> None:
        self._gateway = gateway
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
        if self._left > 0:
            self._began = time() - seconds
            self._outcome = outcome
            self._seconds = seconds
            self._gateway.turn.afterwards(self._offer)

    def _offer(self) -> None:
        head = self._head
        plan = self._plan
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
