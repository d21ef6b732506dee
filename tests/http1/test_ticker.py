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


async def test_one_that_raises_ends_nobody_elses_time_outs() -> None:
    class Raising(Thing):
        def expire(self) -> None:
            super().expire()
            raise RuntimeError("time-out")

    told: list[BaseException] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
    ticker = Ticker(loop)
    raising, beside, later = Raising(), Thing(), Thing()
    for thing in (raising, beside, later):
        ticker.watch(thing)
    raising.deadline = beside.deadline = ticker.now()
    async with asyncio.timeout(5):
        await raising.expired.wait()
        await beside.expired.wait()
        later.deadline = ticker.now()
        await later.expired.wait()
    assert [str(fault) for fault in told] == ["time-out"]


async def test_one_whose_deadline_another_has_just_moved_is_not_told() -> None:
    class Moving(Thing):
        other: Thing

        def expire(self) -> None:
            super().expire()
            self.other.deadline = NEVER

    ticker = Ticker(asyncio.get_running_loop())
    one, two = Moving(), Moving()
    one.other, two.other = two, one
    ticker.watch(one)
    ticker.watch(two)
    one.deadline = two.deadline = ticker.now()
    async with asyncio.timeout(5):
        while not (one.expired.is_set() or two.expired.is_set()):
            await asyncio.sleep(0.005)
    assert one.expired.is_set() is not two.expired.is_set()


async def test_one_that_watches_or_forgets_while_it_is_told_is_let() -> None:
    class Forgetting(Thing):
        def expire(self) -> None:
            super().expire()
            ticker.forget(self)
            ticker.watch(made)

    ticker = Ticker(asyncio.get_running_loop())
    made, forgetting = Thing(), Forgetting()
    made.deadline = forgetting.deadline = ticker.now()
    ticker.watch(forgetting)
    async with asyncio.timeout(5):
        await forgetting.expired.wait()
        await made.expired.wait()
