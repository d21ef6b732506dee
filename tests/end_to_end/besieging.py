"""Clients that mean harm: idle, slow, stalled, greedy; and good traffic that must not notice them.

Law of this file: a client says what became of it and judges nothing.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.end_to_end.asking import Answered, Asker

GET = b"GET /0/good HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /0/good HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}"
PATIENCE = 60.0
CLIENTS = 4
"""Good clients at once; each asks again as soon as it has its answer."""


@dataclass(slots=True)
class Good:
    """What good traffic met: answers by status, and seconds of the slowest."""

    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    opened: int = 0


@asynccontextmanager
async def good_traffic(port: int) -> AsyncIterator[Good]:
    """Reads and writes of honest clients while the block runs."""
    good, stopping = Good(), asyncio.Event()
    clients = [asyncio.create_task(_ask_on(port, good, stopping)) for _ in range(CLIENTS)]
    try:
        yield good
    finally:
        stopping.set()
        await asyncio.gather(*clients)


async def _ask_on(port: int, good: Good, stopping: asyncio.Event) -> None:
    loop, asker = asyncio.get_running_loop(), Asker(port)
    while not stopping.is_set():
        started = loop.time()
        for wire in (GET, POST):
            answered = await asker.ask(wire)
            good.statuses[answered.status if answered.whole else 0] += 1
        good.slowest = max(good.slowest, loop.time() - started)
        await asyncio.sleep(0.02)  # honest clients think, and the machine has other work
    good.opened += asker.opened
    asker.close()


async def slow_head(port: int, every: float) -> tuple[float, Answered]:
    """A head of which a byte comes each `every` seconds, and never the last."""
    return await _drip(port, b"GET /0/slow HTTP/1.1\r\nHost: a\r\nX-Slow: ", every)


async def stalled_body(port: int) -> tuple[float, Answered]:
    """A body of 1,000 bytes of which 10 come."""
    return await _drip(port, b"POST /0/slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + b"b" * 10, PATIENCE)


async def slow_body(port: int, pieces: int, every: float) -> Answered:
    """A body that comes whole, a byte each `every` seconds."""
    asker = Asker(port)
    await asker.send(b"POST /0/slow HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % pieces)
    for _ in range(pieces):
        await asyncio.sleep(every)
        await asker.send(b"b")
    answered = await asker.answer(patience=PATIENCE)
    asker.close()
    return answered


async def _drip(port: int, start: bytes, every: float) -> tuple[float, Answered]:
    """Seconds until the proxy has said that it waits no longer, and how."""
    loop, asker = asyncio.get_running_loop(), Asker(port)
    started = loop.time()
    await asker.send(start)
    answer = loop.create_task(asker.answer(patience=PATIENCE))
    while not (await asyncio.wait([answer], timeout=every))[0]:
        await asker.send(b"x")
    asker.close()
    return loop.time() - started, await answer


async def idle(port: int, number: int) -> list[Asker]:
    """Connections that have asked once and keep their connection."""
    askers = [Asker(port) for _ in range(number)]
    for at in range(0, number, 100):
        answers = await asyncio.gather(*(asker.ask(GET) for asker in askers[at : at + 100]))
        assert {answered.status for answered in answers} == {200}
    return askers


async def upload(port: int, wire: bytes) -> Answered:
    """A request whose answer is read while it is sent, as it may come early."""
    asker = Asker(port)
    await asker.send(wire[:1])
    sending = asyncio.create_task(asker.send(wire[1:]))
    answered = await asker.answer(patience=PATIENCE)
    sending.cancel()
    asker.close()
    return answered
