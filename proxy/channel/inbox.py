"""Messages that wait to be handled, bounded by number and by bytes.

Law of this file: `put` waits until there is room, so whoever fills it stops reading its socket; nothing is dropped
here. An item larger than the whole bound is let in when the inbox is empty, else it would wait for ever.
"""

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Inbox(Generic[T]):
    """`number` items and `size` bytes wait now; the bounds are `max_items` and `max_bytes`."""

    def __init__(self, max_items: int, max_bytes: int) -> None:
        self.size = 0
        self._max_items = max_items
        self._max_bytes = max_bytes
        self._items: deque[tuple[T, int]] = deque()
        self._came = asyncio.Event()
        self._taken = asyncio.Event()
        self._closed = False

    @property
    def number(self) -> int:
        return len(self._items)

    async def put(self, item: T, size: int) -> None:
        """Wait for room and add the item, which counts for `size` bytes."""
        while not self._has_room(size):
            self._taken.clear()
            await self._taken.wait()
        self._items.append((item, size))
        self.size += size
        self._came.set()

    async def get(self) -> T | None:
        """The oldest item, when there is one; None once the inbox is closed and empty."""
        while not self._items:
            if self._closed:
                return None
            self._came.clear()
            await self._came.wait()
        item, size = self._items.popleft()
        self.size -= size
        self._taken.set()
        return item

    async def close(self) -> None:
        """Let `get` return None once what is here has been taken."""
        self._closed = True
        self._came.set()

    def _has_room(self, size: int) -> bool:
        return not self._items or (len(self._items) < self._max_items and self.size + size <= self._max_bytes)
