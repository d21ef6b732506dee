"""What the shadow runner asks of others. The real ones are in http1, store and telemetry; runtime joins them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from proxy.messages import Failure, Hop, Request, Response
from proxy.store.record import Record
from proxy.store.twin import Twin


class Sender(Protocol):
    """Who sends a copy: at most once, never again. Whatever the network does is a Failure, in bounded time."""

    async def send(
        self,
        backend: str,
        request: Request,
        hop: Hop,
        timeout: float,  # noqa: ASYNC109  # http1 keeps it
        address: int | None = None,
    ) -> Response | Failure:
        """`backend`: its name; `hop`: how the request came, for its forwarding fields. `timeout`: seconds until the
        whole answer is there; `address`: the number of the only one that it may go to.
        """


class Sink(Protocol):
    """Who keeps records. Never waits and never raises."""

    def offer(self, record: Record) -> bool:
        """Take the record, or say that it is lost. The runner counts it then."""


class Counters(Protocol):
    """Who counts."""

    def inc(self, name: str, labels: tuple[str, ...] = (), by: int = 1) -> None: ...


class TwinStore(Protocol):
    """Where what is known of entities is kept. Raises where it cannot be reached."""

    async def load(self, backend: str, tokens: Collection[str]) -> Sequence[Twin]:
        """What is kept of these entities."""

    async def taken(self, backend: str, twin_tokens: Collection[str]) -> frozenset[str]:
        """Those of these tokens of a sandbox's ids that are some entity's twin already."""

    async def save(self, rows: Sequence[Twin], gaps: Mapping[str, float]) -> None:
        """Keep these; what is kept already of one entity stays. `gaps`: since when all of a backend have one."""


class Secrets(Protocol):
    """Who knows secrets that are not in the table. None: there is none."""

    def of_environment(self, name: str) -> str | None: ...

    def of_merchant(self, file: str, merchant: str) -> str | None: ...
