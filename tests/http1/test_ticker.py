"""Coarse deadlines."""

import asyncio

from proxy.http1.ticker import NEVER, Ticker


class Thing:
    def __init__(self) -> None:
        self.deadline = NEVER
        self.expired = asyncio.Event()

    def expire(self) -> None:
        self.deadline = NEVER
        self.expired.set()


async def test_who_is_due_is_told_and_who_is_not_is_left_alone() -> None:
    ticker = Ticker(asyncio.get_running_loop())
    due, later, gone = Thing(), Thing(), Thing()
    for thing in (due, later, gone):
        ticker.watch(thing)
    due.deadline = gone.deadline = ticker.now() + 0.01
    later.deadline = ticker.now() + 100
    ticker.forget(gone)
    async with asyncio.timeout(5):
        await due.expired.wait()
    assert not later.expired.is_set()
    assert not gone.expired.is_set()


async def test_a_deadline_may_be_set_anew_after_it_has_passed() -> None:
    ticker = Ticker(asyncio.get_running_loop())
    thing = Thing()
    ticker.watch(thing)
    for _ in range(2):
        thing.expired.clear()
        thing.deadline = ticker.now()
        async with asyncio.timeout(5):
            await thing.expired.wait()
