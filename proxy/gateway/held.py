"""A request whose route hangs on its body: held until that is known, then let go on as any other.

Law of this file: at most 64 KiB are held. A body that turns out larger fulfils no match on a body; the route is then
found without it, and the rest streams. Nothing has been sent to anybody before.
"""

from time import perf_counter
from typing import TYPE_CHECKING, Final

from proxy.gateway.ports import Client

if TYPE_CHECKING:
    from proxy.gateway.gateway import Gateway
    from proxy.gateway.passage import Passage

MAX_BODY: Final = 64 * 1024
"""Bytes of a body by which a route is found."""


class Held:
    """Stands before a passage until its body is whole or too large."""

    __slots__ = ("_client", "_gateway", "_passage", "_pieces", "_released", "_size", "_started")

    def __init__(self, gateway: "Gateway", passage: "Passage", client: Client) -> None:
        self._gateway = gateway
        self._passage = passage
        self._client = client
        self._pieces: list[bytes] = []
        self._size = 0
        self._released = False
        self._started = perf_counter()

    def start(self) -> None:
        """Nothing yet: the body decides."""

    def request_body(self, data: bytes) -> None:
        if self._released:
            self._passage.request_body(data)
            return
        self._pieces.append(data)
        self._size += len(data)
        if self._size > MAX_BODY:
            self._release(None)

    def request_end(self) -> None:
        if not self._released:
            self._release(b"".join(self._pieces))
        self._passage.request_end()

    def _release(self, body: bytes | None) -> None:
        self._released = True
        self._passage.body = body
        self._passage.start()
        for piece in self._pieces:
            self._passage.request_body(piece)
        self._pieces.clear()

    def request_flush(self) -> None:
        if self._released:
            self._passage.request_flush()

    def pause_answer(self) -> None:
        if self._released:
            self._passage.pause_answer()

    def resume_answer(self) -> None:
        if self._released:
            self._passage.resume_answer()

    def client_gone(self) -> None:
        if self._released:
            self._passage.client_gone()
        else:
            self._gateway.meter.began()
            self._gateway.meter.answered("", None, 499, perf_counter() - self._started)

    def client_refused(self, status: int, detail: str) -> None:
        if self._released:
            self._passage.client_refused(status, detail)
        else:
            self._gateway.refuse(self._client, status, detail)
