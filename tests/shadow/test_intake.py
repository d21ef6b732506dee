import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from msgspec import structs

from proxy.messages import Exchange
from proxy.shadow.intake import Intake

Make = Callable[..., Exchange]


@dataclass
class Work:
    """What is done with exchanges: it takes until `go`."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    begun: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    async def handle(self, exchange: Exchange) -> None:
        self.begun.append(exchange.id)
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled.append(exchange.id)
            raise
        self.ended.append(exchange.id)

    def refuse(self, exchange: Exchange) -> None:
        self.refused.append(exchange.id)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize(("max_items", "max_bytes"), [(2, 10**9), (1000, 2 * (4096 + 10_000 + 18))])
async def test_who_brings_too_many_or_too_much_waits(with_request: Make, max_items: int, max_bytes: int) -> None:
    work = Work()
    intake = Intake(work.handle, work.refuse, max_items=max_items, max_bytes=max_bytes)
    exchange = with_request(body=b"b" * 10_000)
    await intake.submit(exchange)
    await intake.submit(exchange)
    third = asyncio.create_task(intake.submit(exchange))
    await settle()
    assert not third.done()
    assert (intake.number, len(work.begun)) == (2, 2)
    work.go.set()
    await third
    await intake.drain(10)
    assert (len(work.ended), intake.number, intake.size, work.refused) == (3, 0, 0, [])


async def test_an_exchange_over_the_whole_bound_is_handled_alone(with_request: Make) -> None:
    work = Work()
    intake = Intake(work.handle, work.refuse, max_bytes=10)
    await intake.submit(with_request(body=b"b" * 10_000))
    second = asyncio.create_task(intake.submit(with_request()))
    await settle()
    assert not second.done()
    work.go.set()
    await second
    await intake.drain(10)
    assert len(work.ended) == 2


async def test_draining_lets_work_end_and_cancels_the_rest_in_time(exchange: Exchange) -> None:
    work = Work()
    intake = Intake(work.handle, work.refuse)
    await intake.submit(exchange)
    await intake.drain(0.01)
    assert (work.ended, work.cancelled, intake.number) == ([], [exchange.id], 0)


async def test_even_with_no_grace_nothing_vanishes_uncounted(exchange: Exchange) -> None:
    work = Work()
    intake = Intake(work.handle, work.refuse)
    await intake.submit(exchange)
    await intake.drain(0)
    assert work.cancelled == [exchange.id]


async def test_who_comes_or_waits_when_it_drains_is_refused(exchange: Exchange) -> None:
    work = Work()
    intake = Intake(work.handle, work.refuse, max_items=1)
    await intake.submit(structs.replace(exchange, id="first"))
    waits = asyncio.create_task(intake.submit(structs.replace(exchange, id="waits")))
    await settle()
    await intake.drain(0)
    await waits
    await intake.submit(structs.replace(exchange, id="late"))
    assert (work.begun, work.refused) == (["first"], ["waits", "late"])


async def test_who_is_cancelled_while_it_waits_is_refused(exchange: Exchange) -> None:
    work = Work()
    intake = Intake(work.handle, work.refuse, max_items=1)
    await intake.submit(exchange)
    waits = asyncio.create_task(intake.submit(structs.replace(exchange, id="waits")))
    await settle()
    waits.cancel()
    await asyncio.wait([waits])
    assert work.refused == ["waits"]
    await intake.drain(0)
