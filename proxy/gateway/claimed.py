"""A request on its way whose system may be bound by a claim: it waits for the claim as it waits for a connection.

Law of this file: what is sent was claimed before, and goes where the claim says; every end of a request is told to its
claim, as unsent only if nothing can have been sent. The last byte of an answer that has created something waits until
it is known whose that is.
"""

from typing import TYPE_CHECKING

from proxy.claims.words import Ending
from proxy.gateway import answers
from proxy.gateway.answers import Answer
from proxy.gateway.claiming import MAX_ANSWER, MAX_BODY, Claim
from proxy.gateway.passage import Passage
from proxy.gateway.ports import Client
from proxy.messages import Failure, Plan, RequestHead, Response, ResponseHead
from proxy.routing.table import RouteTable

if TYPE_CHECKING:
    from proxy.gateway.gateway import Gateway


class ClaimedPassage(Passage):
    """A passage of a table in which something is claimed."""

    __slots__ = ("_claim", "_creating", "_end", "_kept", "_owning", "_size")

    def __init__(self, gateway: "Gateway", table: RouteTable, client: Client, head: RequestHead) -> None:
        super().__init__(gateway, table, client, head)
        self._claim: Claim | None = None
        self._creating = self._owning = False
        self._kept: list[bytes] = []  # of an answer that may name what it has created
        self._end = b""  # held back
        self._size = 0

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

    def response_head(self, head: ResponseHead) -> None:
        self._creating = self._claim is not None and self._claim.creates(head.status)
        if self._creating and head.length == 0:
            self._response = head  # told at the end: it is all that there is
        else:
            super().response_head(head)

    def response_body(self, data: bytes) -> None:
        if not self._creating or not data:
            super().response_body(data)
            return
        if self._end:
            super().response_body(self._end)
        self._end = data
        self._kept.append(data)
        self._size += len(data)
        if self._size > MAX_ANSWER and self._claim is not None:
            self._claim.unread()
            self._creating = False
            super().response_body(data)

    def response_end(self) -> None:
        self._connection = None
        head, claim = self._response, self._claim
        if self._creating and head is not None and claim is not None:
            body = b"".join(self._kept)
            self._owning = claim.created(Response(head.status, head.reason, head.headers, body), self)
        if not self._owning:
            self.owned()

    def owned(self) -> None:
        """What it has created is known: the client may have the end of the answer."""
        self._owning = False
        head = self._response
        if self._creating and head is not None:
            if head.length == 0:
                super().response_head(head)
            elif self._end:
                super().response_body(self._end)
        if self._claim is not None:
            self._claim.ended(Ending.SENT)
        super().response_end()
        self.response_flush()

    def client_gone(self) -> None:
        if self._owning:
            self._client = None  # the rest is for nobody
        else:
            super().client_gone()

    def _lost(self, failure: Failure) -> None:
        super()._lost(failure)
        if self._claim is not None:
            self._claim.ended(Ending.UNKNOWN if failure.maybe_sent else Ending.UNSENT, failure.detail)

    def _call_off(self) -> None:
        if self._claim is not None:
            self._claim.ended(Ending.UNSENT if self._connection is None else Ending.SENT)
        super()._call_off()
