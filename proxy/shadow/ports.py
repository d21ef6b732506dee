"""What the shadow runner asks of others. The real ones are in http1, store and telemetry; runtime joins them."""

from typing import Protocol

from proxy.messages import Failure, Hop, Request, Response
from proxy.store.record import Record


class Sender(Protocol):
    """Who sends a copy: at most once, never again. Whatever the network does is a Failure, in bounded time."""

    async def send(self, backend: str, request: Request, hop: Hop, timeout: float) -> Response | Failure:  # noqa: ASYNC109  # http1 keeps it
        """`backend`: its name; `hop`: how the request came, for its forwarding fields. `timeout`: seconds until the
        whole answer is there.
        """


class Sink(Protocol):
    """Who keeps records. Never waits and never raises."""

    def offer(self, record: Record) -> bool:
        """Take the record, or say that it is lost. The runner counts it then."""


class Counters(Protocol):
    """Who counts."""

    def inc(self, name: str, labels: tuple[str, ...] = (), by: int = 1) -> None: ...
