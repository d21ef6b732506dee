"""What goes to the audit log from a running strangler: one after the other, and nobody waits.

Law of this file: entries wait in a bounded line while the store is away, in order; what is dropped at its end is
counted and said, for the log of the process has every change as well. What writes to a store is imported, in a thread,
when there is something to write.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from proxy.evidence.entry import Entry

MOST: Final = 1000
PAUSE: Final = 1.0

_log = logging.getLogger(__name__)


class Records:
    """Entries on their way to the store at this URL."""

    def __init__(self, store: str) -> None:
        self._store = store
        self._waiting: deque[Entry] = deque()
        self._came = asyncio.Event()
        self._failing = False
        self.dropped = 0

    async def write(self, entry: Entry) -> None:
        """Takes the entry; it is written as soon as the store can be."""
        if len(self._waiting) >= MOST:
            self.dropped += 1
            _log.error("the audit log's line is full: %s of %s by %s is not in it", *_named(entry))
            return
        self._waiting.append(entry)
        self._came.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._came.wait()
            self._came.clear()
            while self._waiting:
                if await self._written(self._waiting[0]):
                    self._waiting.popleft()
                else:
                    await asyncio.sleep(PAUSE)

    async def close(self) -> None:
        """Tries what waits once more, and says what is lost."""
        while self._waiting and await self._written(self._waiting[0]):
            self._waiting.popleft()
        for entry in self._waiting:
            _log.error("not in the audit log: %s of %s by %s", *_named(entry))

    async def _written(self, entry: Entry) -> bool:
        try:
            append = await asyncio.to_thread(_appender)
            await append(self._store, entry)
        except Exception as fault:  # noqa: BLE001  # whatever it is, the next entry must have its turn
            if not self._failing:
                _log.error("the audit log cannot be written, changes go on: %s", fault)
            self._failing = True
            return False
        self._failing = False
        return True


def _appender() -> Callable[[str, Entry], Awaitable[object]]:
    from proxy.store.audit import append

    return append


def _named(entry: Entry) -> tuple[str, str, str]:
    return entry.action, entry.subject or "the table", entry.actor
