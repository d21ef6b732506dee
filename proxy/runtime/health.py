"""Active checks: each address of a backend with `healthCheck` is asked again and again whether it is well.

Law of this file: a check has connections of its own, at most one an address, so that it is never in a payment's way;
it ends within the interval. What it finds only chooses between a backend's addresses. Each worker checks for itself.

An address is well when its answer has a status of 200 to 399. FALLS checks in a row that say otherwise mark it down,
one that is good marks it up. The path is asked for as it stands, without the backend's base path.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from proxy.http1.balance import Balancer
from proxy.http1.pool import Address, Pool, PoolSettings
from proxy.http1.send import send
from proxy.http1.ticker import Ticker
from proxy.messages import Failure, Response
from proxy.routing.table import Backend, HealthCheck
from proxy.runtime.upstreams import Upstreams, authority

FALLS: Final = 2
LONGEST: Final = 5.0
"""Seconds that a check may take, if the interval is not shorter."""
MAX_ANSWER: Final = 1024 * 1024
"""Bytes of an answer's body; what is larger is not well."""


class Changed(Protocol):
    """Is told when an address turned out to be well, or not any more: the first time, and when it changes."""

    def __call__(self, backend: str, address: str, healthy: bool) -> None: ...


class Judgement:
    """What the checks of one address come to. None: nothing is known yet."""

    def __init__(self) -> None:
        self.healthy: bool | None = None
        self._failures = 0

    def take(self, good: bool) -> bool:
        """Whether this check changes it."""
        before = self.healthy
        self._failures = 0 if good else self._failures + 1
        if good or self._failures >= FALLS:
            self.healthy = good
        return self.healthy is not before


class HealthChecks:
    """The checks of one process. `random`: a number from 0 up to 1, so that many workers do not ask at once."""

    def __init__(self, ticker: Ticker, random: Callable[[], float], changed: Changed) -> None:
        self._ticker, self._random, self._changed = ticker, random, changed
        self._tasks: dict[Backend, list[asyncio.Task[None]]] = {}
        self._ended: set[asyncio.Task[None]] = set()

    def follow(self, backends: Mapping[str, Backend], upstreams: Upstreams) -> None:
        """Check these backends from now on, and no others. What is known of unchanged ones stays."""
        wanted = {backend for backend in backends.values() if backend.health_check is not None}
        for backend in [each for each in self._tasks if each not in wanted]:
            self._end(self._tasks.pop(backend))
        for backend in wanted - self._tasks.keys():
            self._tasks[backend] = self._begin(backend, upstreams)

    async def close(self) -> None:
        for backend in list(self._tasks):
            self._end(self._tasks.pop(backend))
        await asyncio.gather(*self._ended, return_exceptions=True)

    def _begin(self, backend: Backend, upstreams: Upstreams) -> list[asyncio.Task[None]]:
        loop, balancer = asyncio.get_running_loop(), upstreams.balancer(backend.name)
        assert backend.health_check is not None
        return [
            loop.create_task(self._watch(backend, backend.health_check, address, number, balancer))
            for number, address in enumerate(upstreams.addresses(backend.name))
        ]

    def _end(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            self._ended.add(task)
            task.add_done_callback(self._ended.discard)
            task.cancel()

    async def _watch(
        self, backend: Backend, check: HealthCheck, address: Address, number: int, balancer: Balancer | None
    ) -> None:
        longest = min(check.interval, LONGEST)
        pool = Pool(address, PoolSettings(1, 1, connect_timeout=min(backend.timeouts.connect, longest)), self._ticker)
        judgement, wire = Judgement(), request(backend, check, address)
        try:
            await asyncio.sleep(self._random() * check.interval)
            while True:
                good = well(await send(pool, wire, timeout=longest, max_body=MAX_ANSWER))
                if judgement.take(good):
                    if balancer is not None:
                        balancer.heard(number, good)
                    self._changed(backend.name, f"{address.host}:{address.port}", good)
                await asyncio.sleep(check.interval)
        finally:
            await pool.close()


def request(backend: Backend, check: HealthCheck, address: Address) -> bytes:
    """The check's bytes. Its connection is ended after it, so that each check also finds out whether one can be had."""
    host = backend.host_header or authority(backend, address)
    lines = (b"GET ", check.path, b" HTTP/1.1\r\nHost: ", host, b"\r\nUser-Agent: strangler\r\nAccept: */*\r\n")
    return b"".join((*lines, b"Connection: close\r\n\r\n"))


def well(outcome: Response | Failure) -> bool:
    """Whether that is how an address answers that is well."""
    return isinstance(outcome, Response) and 200 <= outcome.status < 400
