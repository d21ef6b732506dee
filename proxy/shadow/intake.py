"""So many exchanges at once, in number and in bytes.

Law of this file: who brings one more waits until there is room. That is the runner's back-pressure: the channel is not
read meanwhile, the workers' buffers fill, and they drop and count. Only what comes at the very end is refused here.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial

from proxy.messages import Exchange, Response

_BESIDES = 4096
"""Bytes that an exchange is taken to need besides its bodies."""


class Intake:
    """Runs `handle` for each exchange brought, `max_items` and `max_bytes` at a time; once it drains, `refuse`."""

    def __init__(
        self,
        handle: Callable[[Exchange], Coroutine[None, None, None]],
        refuse: Callable[[Exchange], None],
        *,
        max_items: int = 1024,
        max_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self.size = 0
        self._handle, self._refuse = handle, refuse
        self._max_items, self._max_bytes = max_items, max_bytes
        self._tasks: set[asyncio.Task[None]] = set()
        self._freed = asyncio.Event()
        self._draining = False

    @property
    def number(self) -> int:
        """How many exchanges are being handled."""
        return len(self._tasks)

    async def submit(self, exchange: Exchange) -> None:
        """Wait for room, then begin to handle the exchange."""
        size = _size(exchange)
        try:
            while self._is_full(size) and not self._draining:
                self._freed.clear()
                await self._freed.wait()
        except asyncio.CancelledError:
            self._refuse(exchange)
            raise
        if self._draining:
            self._refuse(exchange)
        else:
            self._begin(exchange, size)

    async def drain(self, grace: float) -> None:
        """Begin nothing more; let what was begun end within `grace` seconds, then cancel the rest."""
        self._draining = True
        self._freed.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        rest = list(self._tasks)
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def _is_full(self, size: int) -> bool:
        return bool(self._tasks) and (len(self._tasks) >= self._max_items or self.size + size > self._max_bytes)

    def _begin(self, exchange: Exchange, size: int) -> None:
        task = asyncio.get_running_loop().create_task(self._handle(exchange))
        self.size += size
        self._tasks.add(task)
        task.add_done_callback(partial(self._done, size))

    def _done(self, size: int, task: asyncio.Task[None]) -> None:
        self.size -= size
        self._tasks.discard(task)
        self._freed.set()


def _size(exchange: Exchange) -> int:
    outcome = exchange.primary.outcome
    return _BESIDES + len(exchange.request.body) + (len(outcome.body) if isinstance(outcome, Response) else 0)
