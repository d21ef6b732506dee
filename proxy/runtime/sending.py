"""The runner's way to a shadow: the copy gets the head that the primary's request got, by the same rules, and goes out
once.
"""

from typing import Final

from proxy.gateway.fields import request_head
from proxy.http1.send import send
from proxy.messages import Failure, Hop, Request, RequestHead, Response
from proxy.routing.table import Backend, RouteTable
from proxy.runtime.upstreams import Upstreams

MAX_ANSWER: Final = 16 * 1024 * 1024
"""Bytes of a shadow's answer that are read, at most."""


class ShadowSender:
    """The shadow's Sender over the runner's own pools. `max_answer`: bytes of an answer that are read, at most."""

    def __init__(self, table: RouteTable, upstreams: Upstreams, max_answer: int = MAX_ANSWER) -> None:
        self._max_answer = max_answer
        self.adopt(table, upstreams)

    def adopt(self, table: RouteTable, upstreams: Upstreams) -> None:
        """What is sent from now on goes to these."""
        self._backends = table.backends
        self._upstreams = upstreams

    async def send(
        self,
        backend: str,
        request: Request,
        hop: Hop,
        timeout: float,  # noqa: ASYNC109
        address: int | None = None,
    ) -> Response | Failure:
        pool, wire = self._upstreams.pool(backend, address), serialise(request, hop, self._backends[backend])
        return await send(pool, wire, timeout=timeout, max_body=self._max_answer)


def serialise(request: Request, hop: Hop, backend: Backend) -> bytes:
    """The copy's bytes; its body is whole and its length is said once, whatever framing it came in."""
    fields = list(request.headers)
    if request.body and not any(name.lower() == b"content-length" for name, _ in fields):
        fields.append((b"Content-Length", b""))
    said = b"".join(b"," + value.lower() for name, value in fields if name.lower() == b"connection")
    head = RequestHead(request.method, request.target, b"1", tuple(fields), len(request.body), True, False, said)
    return request_head(head, hop, backend.host_header, backend.base_path) + request.body
