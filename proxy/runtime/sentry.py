"""The runner's watch over sandboxes: asks each again and again whether it is one, and keeps with the store who must not
be written to.

Law of this file: a probe is a GET, marked as a copy, on a connection of its own, and ends within its time. A sandbox
that did not show itself stops on this machine at once, and on all others as soon as the store can be written; until it
was, this runner does not arm it again. What can be read nowhere counts as stopped (attestation.py).
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from typing import Final, Protocol

from proxy.evidence.entry import Action, Entry
from proxy.http1.pool import Address, Pool, PoolSettings
from proxy.http1.send import send
from proxy.http1.ticker import Ticker
from proxy.routing.route import Backend
from proxy.routing.sandbox import ByOperator, ByProbe
from proxy.routing.table import RouteTable
from proxy.runtime.upstreams import Upstreams, authority
from proxy.shadow.attestation import Attestations, shows
from proxy.shadow.book import Book
from proxy.store.twins import Twins

PROBE_EVERY: Final = 2.0
LONGEST: Final = 2.0
"""Seconds that a probe may take."""
MAX_ANSWER: Final = 1024 * 1024
LOOK_EVERY: Final = 0.5
"""Seconds between two looks at who is stopped."""
PRUNE_EVERY: Final = 3600.0

_log = logging.getLogger(__name__)


class Audit(Protocol):
    """Where it is written who vouched and who was stopped."""

    async def write(self, entry: Entry) -> None: ...


class Sentry:
    """The watch of one runner."""

    def __init__(self, attestations: Attestations, book: Book, twins: Twins, audit: Audit, ticker: Ticker) -> None:
        self._attestations, self._book, self._twins, self._audit = attestations, book, twins, audit
        self._ticker = ticker
        self._probes: dict[Backend, list[asyncio.Task[None]]] = {}
        self._vouched: set[str] = set()
        self._copying: frozenset[tuple[str, str]] | None = None
        self._blind = False
        self._pruned_at = float("-inf")

    def follow(self, table: RouteTable, upstreams: Upstreams) -> None:
        """Watch the sandboxes that this table copies writes to, and no others. Where writes are copied that were not
        before, what is known of entities has a gap.
        """
        names = {name for route in table.routes for name in route.shadowing.writes}
        wanted = {table.backends[name] for name in names}
        for backend in [each for each in self._probes if each not in wanted]:
            self._end(backend)
        for backend in wanted - self._probes.keys():
            self._probes[backend] = self._begin(backend, upstreams)
        copying = frozenset(_copying(table))
        if self._copying is not None:
            self._book.taint_all({backend for _, backend in copying - self._copying})
        self._copying = copying

    def lost(self, at: float) -> None:
        """Some worker lost a copy of a write at that moment, Unix seconds: nobody knows of which entities."""
        self._book.taint_all({backend for _, backend in self._copying or ()}, at)

    async def run(self) -> None:
        """Until cancelled: say who was stopped, and hear who is."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Once; where no writes are copied there is nothing to know."""
        if not self._probes and not self._attestations.unsaid:
            return
        try:
            for backend in self._attestations.unsaid:
                await self._say_stopped(backend)
            found = await self._twins.sandboxes()
            if time.monotonic() - self._pruned_at >= PRUNE_EVERY:
                self._pruned_at = time.monotonic()
                await self._twins.prune(time.time())
            await self._book.save()
        except Exception as fault:  # noqa: BLE001  # whatever it is, nothing is known of who is stopped
            if not self._blind:
                _log.error("it cannot be read which sandboxes are stopped, so no write is copied: %s", fault)
            self._blind = True
            return
        self._blind = False
        self._book.adopt(found)
        self._attestations.read(each.backend for each in found if each.stopped is not None)

    async def say(self) -> None:
        """Bring what is not in the store yet there, at the end; what cannot be brought is said."""
        try:
            for backend in self._attestations.unsaid:
                await self._say_stopped(backend)
            await self._book.save()
        except Exception as fault:  # noqa: BLE001  # whatever it is, the end must come
            _log.error("what is known of entities could not be kept whole: %s", fault)

    async def close(self) -> None:
        tasks = [task for backend in list(self._probes) for task in self._end(backend)]
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _say_stopped(self, backend: str) -> None:
        reason = "an answer to a write did not show that this is a sandbox"
        await self._twins.stop(backend, time.time(), reason)
        self._attestations.said(backend)
        _log.error("no more writes are copied to %s: %s; `strangler rearm %s` ends that", backend, reason, backend)
        await self._note(Action.WRITES_STOPPED, "strangler", backend, reason)

    async def _note(self, action: Action, actor: str, backend: str, reason: str) -> None:
        await self._audit.write(Entry(time.time(), actor, action, backend, reason, None, "", ""))

    def _begin(self, backend: Backend, upstreams: Upstreams) -> list[asyncio.Task[None]]:
        loop = asyncio.get_running_loop()
        if isinstance(backend.attest, ByOperator):
            return [loop.create_task(self._vouch(backend))]
        return [
            loop.create_task(self._watch(backend, number, address))
            for number, address in enumerate(upstreams.addresses(backend.name))
        ]

    def _end(self, backend: Backend) -> list[asyncio.Task[None]]:
        tasks = self._probes.pop(backend)
        for task in tasks:
            task.cancel()
        self._attestations.forget(backend.name)
        return tasks

    async def _vouch(self, backend: Backend) -> None:
        if backend.name in self._vouched:
            return
        self._vouched.add(backend.name)
        reason = "attest: operator; writes are copied to it and it does not show that it is a sandbox"
        await self._note(Action.VOUCHED, "routes.yaml", backend.name, reason)

    async def _watch(self, backend: Backend, number: int, address: Address) -> None:
        settings = PoolSettings(1, 1, connect_timeout=min(backend.timeouts.connect, LONGEST))
        pool, wire = Pool(address, settings, self._ticker), probe(backend, address)
        try:
            while True:
                shown = shows(backend, await send(pool, wire, timeout=LONGEST, max_body=MAX_ANSWER))
                if self._attestations.probed(backend.name, number, shown):
                    _say(backend.name, f"{address.host}:{address.port}", shown)
                await asyncio.sleep(PROBE_EVERY)
        finally:
            await pool.close()


def probe(backend: Backend, address: Address) -> bytes:
    """The probe's bytes. Its connection is ended after it, and it is marked, so that it never reaches a live system
    through a proxy.
    """
    lines = (b"GET ", _path(backend), b" HTTP/1.1\r\nHost: ", backend.host_header or authority(backend, address))
    marked = b"\r\nUser-Agent: strangler\r\nAccept: */*\r\nX-Strangler-Shadow: 1\r\nConnection: close\r\n\r\n"
    return b"".join((*lines, marked))


def _path(backend: Backend) -> bytes:
    if isinstance(backend.attest, ByProbe):
        return backend.attest.path
    return backend.health_check.path if backend.health_check is not None else backend.base_path + b"/"


def _copying(table: RouteTable) -> Iterable[tuple[str, str]]:
    """The routes of which writes are copied now, each with where to."""
    for route in table.routes:
        for plans in (route.plans, route.candidate_plans):
            for each in (plans.safe, plans.unsafe) if plans is not None else ():
                if each.shadow is not None and each.shadow in route.shadowing.writes:
                    yield route.name, each.shadow


def _say(backend: str, where: str, shown: bool) -> None:
    if shown:
        _log.warning("%s at %s has shown that it is a sandbox: writes may be copied to it", backend, where)
    else:
        _log.error("%s at %s does not show that it is a sandbox: no write is copied until it does", backend, where)
