"""A request on its way whose system may be bound by a claim: it waits for the claim as it waits for a connection.

Law of this file: what is sent was claimed before, and goes where the claim says; every end of a request is told to its
claim, as unsent only if nothing can have been sent.
"""

from typing import TYPE_CHECKING

from proxy.claims.words import Ending
from proxy.gateway import answers
from proxy.gateway.answers import Answer
from proxy.gateway.claiming import MAX_BODY, Claim
from proxy.gateway.passage import Passage
from proxy.gateway.ports import Client
from proxy.messages import Failure, Plan, RequestHead
from proxy.routing.table import RouteTable

if TYPE_CHECKING:
    from proxy.gateway.gateway import Gateway


class ClaimedPassage(Passage):
    """A passage of a table in which something is claimed."""

    __slots__ = ("_claim",)

    def __init__(self, gateway: "Gateway", table: RouteTable, client: Client, head: RequestHead) -> None:
        super().__init__(gateway, table, client, head)
        self._claim: Claim | None = None

    def _planned_as(self, marked: bool) -> None:
        claim = None if marked else self._gateway.claim(self, self._route, self._head, self._plan)
        self._claim = claim
        if claim is None or claim.begin(self._table.backends, self.body):
            self._go()
        elif not claim.awaits_body:
            self._hold()

    def claimed(self, plan: Plan) -> None:
        """It is bound; now it may be sent, there and nowhere else."""
        self._plan = plan
        self._backend = self._table.backends[plan.backend]
        self.resume_request()
        self._go()
        self.request_flush()

    def refused(self, answer: Answer) -> None:
        """It may not be sent to anybody."""
        if not self._answered:
            self._answer(answer, self._route.name)

    def request_body(self, data: bytes) -> None:
        claim = self._claim
        if claim is not None and not self._answered:
            if claim.awaits_body and self._received + len(data) > MAX_BODY:
                self._cut_off(answers.too_large(MAX_BODY))
                return
            claim.passes(data)
        super().request_body(data)

    def request_end(self) -> None:
        super().request_end()
        claim = self._claim
        if claim is not None and claim.awaits_body and not self._answered:
            claim.body_came(b"".join(self._queued))

    def response_end(self) -> None:
        if self._claim is not None:
            self._claim.ended(Ending.SENT)
        super().response_end()

    def _lost(self, failure: Failure) -> None:
        super()._lost(failure)
        if self._claim is not None:
            self._claim.ended(Ending.UNKNOWN if failure.maybe_sent else Ending.UNSENT, failure.detail)

    def _call_off(self) -> None:
        if self._claim is not None:
            self._claim.ended(Ending.UNSENT if self._connection is None else Ending.SENT)
        super()._call_off()
