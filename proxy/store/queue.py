"""What waits to be written: bounded in number and in bytes.

Law of this file: what does not fit is refused at once; what is in is never thrown out to make room.
"""

from collections import deque
from typing import TypeAlias

from proxy.messages import Headers, Observation, Response
from proxy.store.record import Record, Tally

Item: TypeAlias = Record | Tally

OVERHEAD = 2_000
"""Bytes of a record besides what came over the wire."""


class Queue:
    """First in, first out."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._items: deque[tuple[Item, int]] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Item) -> bool:
        """Whether there was room."""
        size = size_of(item)
        if len(self._items) >= self._most or self._bytes + size > self._most_bytes:
            return False
        self._items.append((item, size))
        self._bytes += size
        return True

    def take(self, most: int, most_bytes: int) -> list[Item]:
        """The next items, at least one if there is any."""
        taken: list[Item] = []
        room = most_bytes
        while self._items and len(taken) < most and (not taken or self._items[0][1] <= room):
            item, size = self._items.popleft()
            self._bytes -= size
            room -= size
            taken.append(item)
        return taken


def size_of(item: Item) -> int:
    """Bytes of memory, about."""
    if isinstance(item, Tally):
        return OVERHEAD + 100 * len(item.counts)
    if not item.is_whole and not item.differences:
        return OVERHEAD  # one short row: what it has of the wire is a target and a few words
    request = item.exchange.request
    size = OVERHEAD + len(request.body) + len(request.target) + _headers(request.headers)
    size += _observed(item.exchange.primary) + (_observed(item.shadow) if item.shadow else 0)
    return size + sum(600 + len(each.legacy or "") + len(each.candidate or "") for each in item.differences)


def _observed(observation: Observation) -> int:
    outcome = observation.outcome
    return len(outcome.body) + _headers(outcome.headers) if isinstance(outcome, Response) else len(outcome.detail)


def _headers(headers: Headers) -> int:
    return sum([len(name) + len(value) + 150 for name, value in headers])
