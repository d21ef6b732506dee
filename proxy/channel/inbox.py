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
        self._max_items, self._max_bytes = max_items, max_bytes
        self._items: deque[tuple[T, int]] = deque()
        self._changed = asyncio.Condition()
        self._closed = False

    @property
    def number(self) -> int:
        return len(self._items)

    async def put(self, item: T, size: int) -> None:
        """Wait for room and add the item, which counts for `size` bytes."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._has_room(size))
            self._items.append((item, size))
            self.size += size
            self._changed.notify_all()

    async def get(self) -> T | None:
        """The oldest item, when there is one; None once the inbox is closed and empty."""
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._items) or self._closed)
            if not self._items:
                return None
            item, size = self._items.popleft()
            self.size -= size
            self._changed.notify_all()
            return item

    async def close(self) -> None:
        """Let `get` return None once what is here has been taken."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _has_room(self, size: int) -> bool:
        return not self._items or (len(self._items) < self._max_items and self.size + size <= self._max_bytes)
