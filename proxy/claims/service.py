"""The claims service: a unix socket that workers bid on, and one transaction after the other.

Law of this file: what comes while a transaction is being written goes into the next one together, so that many claims
wait for one disk. A message is answered once it is on disk, in the order in which it came; one whose worker has gone is
carried out all the same. While a living worker still has claims that it made alone, nobody else is answered.
"""

import asyncio
import logging
import os
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, TypeAlias, cast

from proxy.channel.peer import bind_private, peer_uid
from proxy.claims import journal
from proxy.claims.durable import Applied, apply, sweep
from proxy.claims.words import FrameError, Frames, Hello, Reply, Said, frame, said
from proxy.store import claims
from proxy.store.claimed import OwnerRow
from proxy.store.claims import ClaimStore, Transaction
from proxy.store.errors import StoreError

MOST_PINS: Final = 20_000_000
"""Pins that are kept; beyond, new keys are refused."""
BATCH: Final = 256
"""Messages of one transaction."""
WAITING: Final = 20_000
"""Messages that wait; beyond, the sockets are not read."""
UNREAD: Final = 16 * 1024 * 1024
"""Bytes of answers that a worker may leave unread before it is cut off."""
GRACE: Final = 3.0
"""Seconds in which a worker that lives comes back."""
PAUSE: Final = 0.05
SWEEP_EVERY: Final = 1.0
PRUNE_EVERY: Final = 10.0

Work: TypeAlias = tuple["ServiceConnection | None", str, Said]

_log = logging.getLogger(__name__)


class Service:
    """`path`: of the socket; `folder`: of the journals; `counted(what, by)` and `disputed(owner)` are told of what
    happened. `clock`: Unix seconds; `node`: what the lives of its own workers begin with.
    """

    def __init__(
        self,
        path: Path,
        store: ClaimStore,
        folder: Path,
        counted: Callable[[str, int], None],
        disputed: Callable[[OwnerRow], None] = lambda _: None,
        clock: Callable[[], float] = time.time,
        node: str = "",
    ) -> None:
        self._path, self._store, self._folder = path, store, folder
        self._counted, self._disputed, self._clock, self._node = counted, disputed, clock, node
        self._waiting: deque[Work] = deque()
        self._came = asyncio.Event()
        self._lives: dict[str, ServiceConnection] = {}
        self._gone: dict[str, float] = {}
        self._room = MOST_PINS
        self._failing = False
        self._server: asyncio.Server | None = None
        self.connections: set[ServiceConnection] = set()

    @property
    def pins(self) -> int:
        """How many are kept."""
        return MOST_PINS - self._room

    async def start(self) -> None:
        """Listen. OSError if the socket cannot be used, StoreError if the store cannot."""
        self._room = MOST_PINS - await self._store.transact(claims.count_pins)
        self._begun = time.monotonic()
        sock = bind_private(self._path)
        self._server = await asyncio.get_running_loop().create_unix_server(lambda: ServiceConnection(self), sock=sock)

    async def run(self) -> None:
        """Until cancelled."""
        swept = pruned = time.monotonic()
        while True:
            await self._wait()
            await self._settle(await self._next())
            now = time.monotonic()
            if now - swept >= SWEEP_EVERY:
                swept = now
                await self._sweep(now)
            if now - pruned >= PRUNE_EVERY:
                pruned = now
                await self._prune()

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)
        for connection in list(self.connections):
            connection.end()
        await self._store.close()

    def hello(self, connection: "ServiceConnection", life: str) -> None:
        self._lives[life] = connection
        self._gone.pop(life, None)

    def lost(self, connection: "ServiceConnection", life: str) -> None:
        self.connections.discard(connection)
        if self._lives.get(life) is connection:
            del self._lives[life]
            self._gone[life] = time.monotonic()

    def take(self, connection: "ServiceConnection", life: str, messages: Iterable[Said]) -> bool:
        """Whether more may be read."""
        self._waiting.extend((connection, life, message) for message in messages)
        self._came.set()
        return len(self._waiting) < WAITING

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(SWEEP_EVERY):
                await self._came.wait()
        except TimeoutError:
            return

    async def _next(self) -> list[Work]:
        """What goes into one transaction."""
        self._came.clear()
        alone = [life for life in journal.lives(self._folder) if not await self._merged(life)]
        if alone:
            return self._theirs(frozenset(alone))
        found = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
        if self._waiting:
            self._came.set()
        return found

    def _theirs(self, lives: frozenset[str]) -> list[Work]:
        """What these say; all else waits until they have no claims of their own any more."""
        found = [work for work in self._waiting if work[1] in lives][:BATCH]
        taken = set(map(id, found))
        self._waiting = deque(work for work in self._waiting if id(work) not in taken)
        asyncio.get_running_loop().call_later(PAUSE, self._came.set)
        return found

    async def _merged(self, life: str) -> bool:
        """Has the claims of a worker that is gone carried out before all else. False: it lives."""
        left = None if life in self._lives else journal.left_behind(self._folder, life)
        if left is None:
            return False
        for start in range(0, len(left), BATCH):
            await self._settle([(None, life, message) for message in left[start : start + BATCH]])
        _log.warning("%d claims that %s had made alone are merged", len(left), life)
        journal.remove(self._folder, life)
        return True

    async def _settle(self, batch: list[Work]) -> None:
        """Carries out what was asked, again and again until it is on disk, and answers."""
        while batch:
            try:
                applied = await self._store.transact(lambda transaction: self._apply(transaction, batch))
                break
            except StoreError as fault:
                self._fail(fault)
                await asyncio.sleep(PAUSE)
        else:
            return
        self._failing = False
        self._note(applied)
        self._answer(batch, applied.replies)
        if len(self._waiting) < WAITING:
            for connection in self.connections:
                connection.resume()

    def _apply(self, transaction: Transaction, batch: list[Work]) -> Applied:
        return apply(transaction, [(life, message) for _, life, message in batch], self._clock(), self._room)

    def _note(self, applied: Applied) -> None:
        self._room = applied.room
        kinds = Counter(type(each).__struct_config__.tag for each in applied.replies)
        for what, number in (applied.counts + Counter({str(kind): n for kind, n in kinds.items()})).items():
            self._counted(what, number)
        for owner in applied.disputes:
            self._disputed(owner)

    def _answer(self, batch: list[Work], replies: tuple[Reply, ...]) -> None:
        out: dict[ServiceConnection, list[bytes]] = {}
        for (connection, _, _), reply in zip(batch, replies, strict=True):
            if connection is not None:
                out.setdefault(connection, []).append(frame(reply))
        for connection, frames in out.items():
            connection.write(b"".join(frames))

    async def _sweep(self, now: float) -> None:
        """What the workers that are gone had on its way is unknown."""
        if now - self._begun < GRACE:
            return
        back = {life for life, since in self._gone.items() if now - since < GRACE}
        alive = frozenset((*self._lives, *back, *journal.lives(self._folder)))
        unknown = await self._tried(lambda transaction: sweep(transaction, self._node, alive, self._clock()))
        self._gone = {life: since for life, since in self._gone.items() if life in back}
        if unknown:
            self._counted("unknown", unknown)
            _log.error("%d writes have no known outcome, their worker ended; `strangler unknown list`", unknown)

    async def _prune(self) -> None:
        self._room += await self._tried(lambda transaction: claims.prune_pins(transaction, self._clock()))

    async def _tried(self, work: Callable[[Transaction], int]) -> int:
        try:
            return await self._store.transact(work)
        except StoreError as fault:
            self._fail(fault)
            return 0

    def _fail(self, fault: StoreError) -> None:
        if not self._failing:
            _log.error("claims cannot be kept: %s", fault)
        self._failing = True
        self._counted("store-failed", 1)


class ServiceConnection(asyncio.Protocol):
    """One worker's. What is no frame of ours, or not our own user's, ends it."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._frames = Frames()
        self._life = ""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are of no class of asyncio's
        self._service.connections.add(self)
        sock: socket.socket = self._transport.get_extra_info("socket")
        if peer_uid(sock) != os.getuid():
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._service.lost(self, self._life)

    def data_received(self, data: bytes) -> None:
        try:
            messages = [said(payload) for payload in self._frames.take(data)]
            rest = self._heard(messages)
        except FrameError as fault:
            _log.error("a worker says what cannot be understood, and is cut off: %s", fault)
            self.end()
            return
        if rest and not self._service.take(self, self._life, rest) and self._transport is not None:
            self._transport.pause_reading()

    def write(self, data: bytes) -> None:
        if self._transport is None:
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > UNREAD:
            self.end()

    def resume(self) -> None:
        if self._transport is not None and not self._transport.is_reading():
            self._transport.resume_reading()

    def end(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _heard(self, messages: list[Said]) -> list[Said]:
        if messages and not self._life:
            first = messages.pop(0)
            if not isinstance(first, Hello):
                raise FrameError("it does not say who it is")
            self._life = first.life
            self._service.hello(self, first.life)
        if any(isinstance(message, Hello) for message in messages):
            raise FrameError("it says who it is twice")
        return messages
