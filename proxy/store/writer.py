"""A bounded queue in front of one task that writes in batches.

Law of this file: whoever offers never waits and never fails. When the database is gone, locked or full, the batch is
tried again until it is back; what no longer fits meanwhile is dropped and counted, here and then in the store.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from proxy.store.batch import Known, load_known, write
from proxy.store.engine import Store
from proxy.store.errors import StoreError
from proxy.store.faults import concerns_record, unusable
from proxy.store.queue import Item, Queue
from proxy.store.record import Record, Tally

QUEUE_FULL = "store-queue-full"
REFUSED = "store-refused"
CLOSED = "store-closed"
REASONS = (QUEUE_FULL, REFUSED, CLOSED)
"""Why records are dropped: labels of the counter `dropped`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the queue and of one batch; the seconds that a batch waits to fill and between tries."""

    records: int = 10_000
    bytes: int = 64 << 20
    batch_records: int = 512
    batch_bytes: int = 8 << 20
    linger: float = 0.25
    shortest_pause: float = 0.1
    longest_pause: float = 2.0


class Writer:
    """Writes what it is offered to one store. Start `run()` as a task; `close()` ends it and the store.

    `source` names this process and its start, for the tally of what was dropped here. `on_trouble` is called with what
    is wrong when an outage begins, and with None when it is over.
    """

    def __init__(
        self,
        store: Store,
        source: str,
        limits: Limits | None = None,
        on_trouble: Callable[[StoreError | None], None] = lambda _: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._source = source
        self._limits = limits or Limits()
        self._on_trouble = on_trouble
        self._clock = clock
        self._queue = Queue(self._limits.records, self._limits.bytes)
        self._known: tuple[bytes, Known] = (b"", Known())
        self._drops: Counter[str] = Counter()
        self._drops_stored: Counter[str] = Counter()
        self._accepted = self._settled = self._committed = 0
        self._progress = asyncio.Condition()
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._deadline = 0.0
        self._task: asyncio.Task[None] | None = None
        self._in_trouble = False

    @property
    def dropped(self) -> int:
        """How many records are lost so far, for any reason."""
        return self._drops.total()

    @property
    def drops(self) -> dict[str, int]:
        """The same by reason."""
        return dict(self._drops)

    @property
    def committed(self) -> int:
        """How many records are on disk. Records are written in the order in which they were taken."""
        return self._committed

    def offer(self, item: Item) -> bool:
        """Take a record or a tally, at once. False: it is lost, and counted."""
        if self._closing.is_set() or not self._queue.put(item):
            self._drop(CLOSED if self._closing.is_set() else QUEUE_FULL, [item])
            return False
        self._accepted += 1
        self._wake.set()
        return True

    async def run(self) -> None:
        """Write until closed. Never raises for what the database does."""
        self._task = asyncio.current_task()
        while await self._filled():
            batch = self._queue.take(self._limits.batch_records, self._limits.batch_bytes)
            try:
                await self._settle(batch)
            except asyncio.CancelledError:
                self._drop(CLOSED, batch)
                raise
            await self._advance(len(batch))
        if self._drops != self._drops_stored:
            await self._settle([])
        await self._store.close()

    async def flush(self) -> None:
        """Wait until all that was taken so far is on disk, or dropped."""
        wanted = self._accepted
        async with self._progress:
            await self._progress.wait_for(lambda: self._settled >= wanted)

    async def close(self, grace: float = 5.0) -> None:
        """Take nothing more, write what is queued within `grace` seconds, drop and count the rest."""
        await asyncio.sleep(0)  # a task that was made just now starts first
        self._deadline = time.monotonic() + grace
        self._closing.set()
        self._wake.set()
        if self._task is not None:
            done, _ = await asyncio.wait([self._task], timeout=grace + self._limits.longest_pause)
            if not done:
                self._task.cancel()
                await asyncio.wait([self._task])
        self._drop(CLOSED, self._queue.take(self._limits.records, self._limits.bytes))

    async def _filled(self) -> bool:
        """Whether there is a batch to write; waits for one to come and fill. False: closed and empty."""
        while not self._queue and not self._closing.is_set():
            self._wake.clear()
            await self._wake.wait()
        if len(self._queue) < self._limits.batch_records:
            await self._pause(self._limits.linger)
        return len(self._queue) > 0

    async def _settle(self, batch: Sequence[Item]) -> None:
        """Write the batch, again and again if need be; what the store refuses for good is dropped one by one."""
        pause = self._limits.shortest_pause
        while True:
            try:
                await self._commit(batch)
                return self._tell(None)
            except Exception as error:  # noqa: BLE001  # told apart in faults.py; the task must not end by it
                self._known = (b"", Known())
                if concerns_record(error):
                    return await self._settle_each(batch)
                self._tell(unusable(self._store.place, error))
            if self._closing.is_set() and time.monotonic() >= self._deadline:
                return self._drop(CLOSED, batch)
            await self._pause(pause)
            pause = min(2 * pause, self._limits.longest_pause)

    async def _settle_each(self, batch: Sequence[Item]) -> None:
        if len(batch) <= 1:
            return self._drop(REFUSED, batch)
        for item in batch:
            await self._settle([item])

    async def _commit(self, batch: Sequence[Item]) -> None:
        """Nearly every batch is new, so that is tried first: to look a record up costs as much as to write it."""
        try:
            await self._write(batch, are_new=True)
        except IntegrityError:
            self._known = (b"", Known())
            await self._write(batch, are_new=False)

    async def _write(self, batch: Sequence[Item], *, are_new: bool) -> None:
        records = [item for item in batch if isinstance(item, Record)]
        tallies = [item for item in batch if isinstance(item, Tally)]
        drops = Counter(self._drops)
        if drops != self._drops_stored:
            tallies.append(Tally(self._source, self._clock(), tuple(("dropped", *drop) for drop in drops.items())))
        await self._store.run(self._put, records, tallies, are_new)
        self._drops_stored = drops
        self._committed += len(records)

    def _put(self, connection: Connection, records: list[Record], tallies: list[Tally], are_new: bool) -> None:
        salt = self._store.salt
        if self._known[0] != salt:
            self._known = salt, load_known(connection)
        write(connection, records, tallies, salt, self._known[1], are_new=are_new)

    async def _advance(self, number: int) -> None:
        async with self._progress:
            self._settled += number
            self._progress.notify_all()

    async def _pause(self, seconds: float) -> None:
        """Sleep; after close() only as long as it takes to try again."""
        if self._closing.is_set():
            seconds = min(seconds, self._limits.shortest_pause, max(0.0, self._deadline - time.monotonic()))
            return await asyncio.sleep(seconds)
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return

    def _drop(self, reason: str, items: Sequence[Item]) -> None:
        number = sum(isinstance(item, Record) for item in items)
        if number:
            self._drops[reason] += number

    def _tell(self, error: StoreError | None) -> None:
        if (error is not None) != self._in_trouble:
            self._in_trouble = error is not None
            self._on_trouble(error)
