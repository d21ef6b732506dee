"""What the runner knows of entities as each shadow's backend has them: twins, gaps, and where the two sides went apart.

Law of this file: what is not known is not guessed, and a gap is never forgotten before its entity is. Memory is a
bounded copy of the store, where all runners keep the same book; what is new is in the store before the next exchange on
that entity is handled. An id stands in it only as a keyed token, but for the sandbox's own.
"""

import asyncio
import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from proxy.messages import System
from proxy.shadow.ports import TwinStore
from proxy.store.twin import Sandbox, Twin

MOST: Final = 100_000
"""Entities that are held in memory."""
FRESH: Final = 5.0
"""Seconds after which what is held is read again, since another runner may know more."""
WAITING: Final = 10_000
"""Changes that wait for the store; beyond them all entities have a gap."""

Name: TypeAlias = tuple[str, str]
"""An entity's name, and the primary's id."""


class Unavailable(Exception):
    """The store cannot be read or written now."""


@dataclass(frozen=True, slots=True)
class Side:
    """Whose book it is: a shadow's backend, and the system that answers as the primary."""

    backend: str
    system: System


@dataclass(slots=True)
class _Held:
    row: Twin
    read_at: float


class Book:
    """`key`: keys the tokens; `clock`: Unix seconds."""

    def __init__(self, store: TwinStore, key: bytes, clock: Callable[[], float]) -> None:
        self._store, self._clock = store, clock
        self._hmac = hmac.new(key, b"twins", "sha256")
        self._held: OrderedDict[tuple[str, str], _Held] = OrderedDict()
        self._dirty: dict[tuple[str, str], Twin] = {}
        self._gaps: dict[str, float] = {}
        self._unsaid_gaps: dict[str, float] = {}
        self._saving = asyncio.Lock()

    async def known(self, side: Side, names: Iterable[Name]) -> dict[Name, Twin]:
        """What is known of these entities. Raises Unavailable."""
        tokens = {self._token(side, name): name for name in names}
        stale = [token for token in tokens if self._is_stale(side.backend, token)]
        if stale:
            await self._load(side.backend, stale)
        rows = {name: self._held_row(side.backend, token) for token, name in tokens.items()}
        return {name: self._judged(row) for name, row in rows.items() if row is not None}

    async def learn(self, side: Side, pairs: Mapping[Name, str], at: float | None = None) -> None:
        """These are twins; `at`: when the primary answered with them, if not now. One that has another twin, or whose
        twin is another's, keeps what it has. Raises Unavailable.
        """
        for name, twin in (await self.free(side, pairs)).items():
            self._put(self._row(side, name, twin=twin, at=at))

    async def free(self, side: Side, pairs: Mapping[Name, str]) -> dict[Name, str]:
        """Those of these pairs of which neither has a partner yet. Raises Unavailable."""
        known = await self.known(side, pairs)
        fresh = {name: twin for name, twin in pairs.items() if name not in known or known[name].twin is None}
        taken = await self._taken(side.backend, [self._twin_token(name[0], twin) for name, twin in fresh.items()])
        return {name: twin for name, twin in fresh.items() if self._twin_token(name[0], twin) not in taken}

    def taint(self, side: Side, names: Iterable[Name], why: str) -> None:
        """No later exchange on these entities can be compared: the shadow lacks a write. The first reason stays."""
        for name in names:
            self._put(self._row(side, name, gap=why))

    def diverged(self, side: Side, names: Iterable[Name], finding: str) -> None:
        """The two sides go apart on these entities since this finding; the first one stays."""
        for name in names:
            self._put(self._row(side, name, finding=finding))

    def taint_all(self, backends: Iterable[str], at: float | None = None) -> None:
        """Nobody knows which entities lack a write: all that these backends knew at that moment do."""
        moment = self._clock() if at is None else at
        for backend in backends:
            if moment > self._gaps.get(backend, 0.0):
                self._gaps[backend] = self._unsaid_gaps[backend] = moment

    def adopt(self, sandboxes: Iterable[Sandbox]) -> None:
        """What the store says of all sandboxes."""
        for each in sandboxes:
            if each.gap_at is not None:
                self._gaps[each.backend] = max(each.gap_at, self._gaps.get(each.backend, 0.0))

    async def save(self) -> None:
        """Bring what is new to the store. Raises Unavailable: it waits, and is tried again with the next."""
        async with self._saving:
            rows, gaps = dict(self._dirty), dict(self._unsaid_gaps)
            if not rows and not gaps:
                return
            try:
                await self._store.save(list(rows.values()), gaps)
            except Exception as error:
                raise Unavailable from error
            self._dirty = {key: row for key, row in self._dirty.items() if rows.get(key) is not row}
            self._unsaid_gaps = {name: at for name, at in self._unsaid_gaps.items() if gaps.get(name) != at}

    def _judged(self, row: Twin) -> Twin:
        """A gap that all entities of the backend have is one of this entity, if it was known by then."""
        if row.gap is None and row.at <= self._gaps.get(row.backend, 0.0):
            return replace(row, gap="lost-writes")
        return row

    def _held_row(self, backend: str, token: str) -> Twin | None:
        held = self._held.get((backend, token))
        return self._dirty.get((backend, token)) or (held.row if held is not None else None)

    def _row(
        self,
        side: Side,
        name: Name,
        twin: str | None = None,
        gap: str | None = None,
        finding: str | None = None,
        at: float | None = None,
    ) -> Twin:
        """What is known of an entity here, and this besides. What the store knows besides is joined there."""
        token, now = self._token(side, name), self._clock() if at is None else at
        row = self._held_row(side.backend, token)
        twin_token = self._twin_token(name[0], twin) if twin is not None else None
        if row is None:
            return Twin(side.backend, token, name[0], twin, twin_token, gap, finding, now)
        fresh = twin is not None and row.twin is None
        return replace(
            row,
            twin=row.twin or twin,
            twin_token=row.twin_token or twin_token,
            gap=row.gap or gap,
            finding=row.finding or finding,
            at=now if fresh else row.at,
        )

    def _put(self, row: Twin) -> None:
        key = (row.backend, row.token)
        self._hold(row)
        if len(self._dirty) >= WAITING and key not in self._dirty:
            self.taint_all([row.backend])
            return
        self._dirty[key] = row

    def _hold(self, row: Twin) -> None:
        key = (row.backend, row.token)
        self._held[key] = _Held(row, self._clock())
        self._held.move_to_end(key)
        while len(self._held) > MOST:
            self._held.popitem(last=False)

    def _is_stale(self, backend: str, token: str) -> bool:
        held = self._held.get((backend, token))
        if (backend, token) in self._dirty:
            return False
        return held is None or not 0 <= self._clock() - held.read_at < FRESH

    async def _load(self, backend: str, tokens: list[str]) -> None:
        try:
            rows = await self._store.load(backend, tokens)
        except Exception as error:
            raise Unavailable from error
        for row in rows:
            if (row.backend, row.token) not in self._dirty:
                self._hold(row)

    async def _taken(self, backend: str, twin_tokens: list[str]) -> frozenset[str]:
        if not twin_tokens:
            return frozenset()
        ours = {row.twin_token for row in self._dirty.values() if row.backend == backend and row.twin_token}
        try:
            return await self._store.taken(backend, twin_tokens) | (ours & set(twin_tokens))
        except Exception as error:
            raise Unavailable from error

    def _token(self, side: Side, name: Name) -> str:
        return self._keyed(side.system, *name)

    def _twin_token(self, entity: str, twin: str) -> str:
        return self._keyed("twin", entity, twin)

    def _keyed(self, *parts: str) -> str:
        state = self._hmac.copy()
        state.update("\0".join(parts).encode())
        return state.hexdigest()
