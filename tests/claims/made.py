"""Bids and rows, and a service with its workers on a real socket."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from proxy.claims.client import ClaimsClient
from proxy.claims.journal import Journal
from proxy.claims.service import Service
from proxy.claims.words import Bid, Denial, Granted, Ref
from proxy.messages import System
from proxy.store.claims import ClaimStore


def bid(
    number: int = 1,
    key: str = "k1",
    system: System = System.LEGACY,
    *,
    refs: tuple[Ref, ...] = (),
    candidate: str | None = "payments",
    is_bound: bool = False,
    ttl: float = 60.0,
) -> Bid:
    return Bid(number, key, f"secret_{key}", system, "monolith", candidate, "pay", ttl, refs, is_bound)


@dataclass
class Asker:
    """Who waits for an answer."""

    answer: "asyncio.Future[Granted | Denial]" = field(default_factory=asyncio.Future)

    def granted(self, grant: Granted) -> None:
        self.answer.set_result(grant)

    def denied(self, why: Denial) -> None:
        self.answer.set_result(why)

    async def heard(self) -> Granted | Denial:
        async with asyncio.timeout(10):
            return await self.answer


@dataclass
class Bench:
    """A folder with a socket, a store and journals. `counts`: by service and workers together."""

    folder: Path
    counts: Counter[str] = field(default_factory=Counter)
    disputed: list[str] = field(default_factory=list)
    now: float = 1000.0

    @property
    def store(self) -> ClaimStore:
        return ClaimStore(f"sqlite:///{self.folder / 'claims.db'}")

    @property
    def journals(self) -> Path:
        return self.folder / "journals"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Service]:
        self.folder.chmod(0o700)
        service = Service(
            self.folder / "claims.sock",
            self.store,
            self.journals,
            lambda what, by: self.counts.update({what: by}),
            lambda owner: self.disputed.append(owner.id),
            lambda: self.now,
        )
        await service.start()
        running = asyncio.ensure_future(service.run())
        try:
            yield service
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await service.close()

    @asynccontextmanager
    async def working(self, life: str, certain: System | None = None) -> AsyncIterator[ClaimsClient]:
        journal = Journal(self.journals, life)
        client = ClaimsClient(self.folder / "claims.sock", life, journal, lambda what: self.counts.update([what]))
        client.certain = certain
        client.start()
        try:
            yield client
        finally:
            await client.close(0.0)


async def ask(client: ClaimsClient, wanted: Bid) -> tuple[Bid, Granted | Denial]:
    asker = Asker()
    numbered = client.bid(wanted, asker)
    return numbered, await asker.heard()


async def until(condition: "object", what: str) -> None:
    async with asyncio.timeout(10):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.01)
    assert what
