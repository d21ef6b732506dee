"""The supervisor's part in claims: nothing moves under a payment's feet.

Law of this file: what workers may decide alone is taken back before a change of which it is not true reaches any of
them. No route whose writes are pinned leaves legacy until they have been pinned for as long as a pin lasts, since a
retry of what came before would find none; who breaks the glass is in the audit log.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from proxy.claims.keys import rule_text
from proxy.messages import System
from proxy.routing.route import Pin, Route
from proxy.routing.standing import writes
from proxy.routing.table import RouteTable
from proxy.runtime.child import Process
from proxy.runtime.eras import Eras, longest, owns, possible
from proxy.runtime.keeping import Kept
from proxy.runtime.link import Recording
from proxy.store.claimed import Recording as Since
from proxy.store.errors import StoreError
from proxy.store.url import claims_url, sqlite_path

BREAK_GLASS: Final = "say --break-glass"

_log = logging.getLogger(__name__)


class Guarding:
    """`service`: the claims process; `begin` starts it. `clock`: Unix seconds."""

    def __init__(
        self,
        kept: Kept,
        store: str,
        workers: Callable[[], Sequence[Process]],
        service: Process,
        begin: Callable[[], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._kept, self._store, self._workers, self._clock = kept, store, workers, clock
        self._service, self._begin = service, begin
        self._eras = Eras(kept.eras(), clock())
        self._kept_well = True
        self._is_shared = sqlite_path(store) is None
        self._recording: Recording | None = None
        self.is_over = False

    def stand(self, table: RouteTable, open_routes: frozenset[str]) -> None:
        """So it is from now on; to be called before anything of it is given out, and from time to time."""
        if self.is_over:
            return
        if needs(table):
            self._begin()
        if self._eras.stand(table, open_routes, self._clock()):
            self._keep()
        certain = self._eras.certain(longest(table), self._clock()) if self._knows_all(table) else None
        for worker in self._workers():
            worker.certain(certain)

    def _knows_all(self, table: RouteTable) -> bool:
        """Whether no other machine, and no import, can have bound anything elsewhere, and a restart would remember what
        this one did.
        """
        imported = owns(table) and imports_file(self._kept.beside).exists()
        return self._kept_well and not self._is_shared and not imported

    def hand_over(self) -> None:
        """Another supervisor decides from now on what is certain."""
        self.is_over = True
        for worker in self._workers():
            worker.certain(None)

    def pinned(self, table: RouteTable) -> None:
        """All workers pin as this table says."""
        rules = {route.name: rule_text(route.pin) for route in table.routes if route.pin is not None}
        if needs(table) or self._recording is not None:
            self._recording = Recording(rules)
            self._service.send(self._recording)

    def came_up(self) -> None:
        """The claims process is there, perhaps another one than before."""
        if self._recording is not None:
            self._service.send(self._recording)

    async def objection(self, before: RouteTable, after: RouteTable, excused: Collection[str] = ()) -> str | None:
        """Why this table cannot follow that one yet; `excused`: routes and groups for which the glass is broken."""
        leaving = [route for route in leavers(before, after) if not {route.name, route.group} & set(excused)]
        if not leaving:
            return None
        return await asyncio.to_thread(objection, leaving, self._store, self._clock())

    def _keep(self) -> None:
        try:
            self._kept.keep_eras(self._eras.all)
            self._kept_well = True
        except OSError as fault:
            _log.error("the eras of pins cannot be kept, so nothing is certain: %s", fault.strerror or fault)
            self._kept_well = False


def imports_file(beside: Path) -> Path:
    """What is there once owners were imported or moved by hand."""
    return beside.with_name(f"{beside.name}.claims.imported")


def needs(table: RouteTable) -> bool:
    """Whether a table has anything to claim."""
    return any(route.pin is not None for route in table.routes) or owns(table)


def leavers(before: RouteTable, after: RouteTable) -> Iterator[Route]:
    """The routes whose pinned writes may go to the candidate now, and could not before."""
    were = {route.name for route in before.routes if System.CANDIDATE in possible(route, False)}
    for route in after.routes:
        may = System.CANDIDATE in possible(route, False)
        if may and route.pin is not None and route.name not in were and writes(route):
            yield route


def objection(leaving: Sequence[Route], store: str, now: float) -> str | None:
    """Why these routes cannot leave legacy yet; reads what is recorded."""
    try:
        known = _recorded(store)
    except StoreError as fault:
        return f"since when writes are pinned cannot be read ({fault}); or {BREAK_GLASS}"
    found = (too_soon(route, route.pin, known.get(route.name), now) for route in leaving if route.pin is not None)
    return next((each for each in found if each is not None), None)


def too_soon(route: Route, pin: Pin, since: Since | None, now: float) -> str | None:
    """Why a route cannot leave legacy yet; None if it can."""
    if since is None or since.rule != rule_text(pin):
        begun = "its writes have not been pinned by this rule yet"
        return (
            f"{route.name} cannot leave legacy: {begun}; let a strangler serve it for {pin.ttl:g} s, or {BREAK_GLASS}"
        )
    if since.since + pin.ttl <= now:
        return None
    return (
        f"{route.name} cannot leave legacy: its writes are pinned since {_moment(since.since)} only, and a pin lasts "
        f"{pin.ttl:g} s, so that retries of earlier ones would find none; wait until {_moment(since.since + pin.ttl)}, "
        f"or {BREAK_GLASS}"
    )


def _recorded(store: str) -> dict[str, Since]:
    url = claims_url(store)
    path = sqlite_path(url)
    if path is not None and not path.exists():
        return {}
    from proxy.store.claims import once, recorded

    return once(url, recorded)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
