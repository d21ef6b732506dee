"""Turns: one after the other where exchanges touch one thing, all at a time where they do not."""

import asyncio
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.shadow import sequence
from proxy.shadow.sequence import Crowded, Overtaken, Sequence, Ticket, Touch

LOOK, MAKE, CHANGE = Touch.LOOK, Touch.MAKE, Touch.CHANGE
OLD = 1.0
"""An answer long past: nothing before it is expected any more."""


def later() -> Sequence:
    return Sequence(lambda: 1e9)


async def started(line: Sequence, at: float, touches: dict[str, Touch]) -> "asyncio.Task[Ticket]":
    task = asyncio.get_running_loop().create_task(line.enter(at, touches, 30))
    for _ in range(5):
        await asyncio.sleep(0)
    return task


@pytest.mark.parametrize(
    ("first", "second", "at_a_time"),
    [
        (LOOK, LOOK, True),
        (MAKE, MAKE, True),
        (LOOK, MAKE, False),
        (MAKE, LOOK, False),
        (CHANGE, LOOK, False),
        (LOOK, CHANGE, False),
        (CHANGE, CHANGE, False),
    ],
)
async def test_who_goes_at_the_same_time(first: Touch, second: Touch, at_a_time: bool) -> None:
    line = later()
    one = await started(line, OLD, {"a": first})
    two = await started(line, OLD + 1, {"a": second})
    assert one.done()
    assert two.done() is at_a_time
    line.leave(await one)
    line.leave(await two)
    assert len(line) == 0


async def test_different_things_do_not_wait_for_each_other() -> None:
    line = later()
    for thing in "abc":
        assert (await started(line, OLD, {thing: CHANGE})).done()


async def test_an_exchange_that_comes_late_still_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence, "WINDOW", 0.05)
    line, order = Sequence(time.time), []

    async def go(name: str, at: float) -> None:
        ticket = await line.enter(at, {"a": CHANGE}, 30)
        order.append(name)
        line.leave(ticket)

    now = time.time()
    second = asyncio.create_task(go("second", now))
    await asyncio.sleep(0.01)
    await asyncio.gather(second, go("first", now - 0.01))
    assert order == ["first", "second"]


async def test_one_that_comes_too_late_is_told() -> None:
    line = later()
    line.leave(await line.enter(OLD + 1, {"a": CHANGE}, 30))
    with pytest.raises(Overtaken):
        await line.enter(OLD, {"a": LOOK}, 30)
    assert len(line) == 0


async def test_patience_ends() -> None:
    line = later()
    await line.enter(OLD, {"a": CHANGE}, 30)
    with pytest.raises(Crowded):
        await line.enter(OLD + 1, {"a": CHANGE}, 0.01)
    assert len(line) == 1


async def test_a_line_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence, "MOST", 1)
    line = later()
    await line.enter(OLD, {"a": CHANGE}, 30)
    with pytest.raises(Crowded):
        await line.enter(OLD + 1, {"a": CHANGE}, 30)


async def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence, "REMEMBERED", 2)
    line = later()
    for thing in "abc":
        line.leave(await line.enter(OLD + 1, {thing: CHANGE}, 30))
    line.leave(await line.enter(OLD, {"a": CHANGE}, 30))


async def test_who_is_cancelled_leaves_the_line() -> None:
    line = later()
    first = await line.enter(OLD, {"a": CHANGE}, 30)
    second = await started(line, OLD + 1, {"a": CHANGE})
    third = await started(line, OLD + 2, {"a": CHANGE})
    second.cancel()
    line.leave(first)
    line.leave(await third)
    assert len(line) == 0


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.dictionaries(st.sampled_from("abc"), st.sampled_from(list(Touch)), max_size=3), min_size=1, max_size=12
    ),
    st.randoms(use_true_random=False),
)
def test_in_whatever_order_they_come_those_that_conflict_keep_theirs(
    touches: list[dict[str, Touch]], random: "st.DataObject"
) -> None:
    order = list(range(len(touches)))
    random.shuffle(order)  # type: ignore[attr-defined]
    gone: list[int] = []

    async def run() -> None:
        line, gate = later(), asyncio.Event()

        async def go(number: int) -> None:
            ticket = await line.enter(float(number), touches[number], 30)
            gone.append(number)
            await gate.wait() if number % 2 else await asyncio.sleep(0)
            line.leave(ticket)

        line._held = lambda _: gate.wait()  # type: ignore[assignment,method-assign]  # all have come before one goes
        tasks = [asyncio.create_task(go(number)) for number in order]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*tasks)
        assert len(line) == 0

    asyncio.run(run())
    for earlier in range(len(touches)):
        for later_one in range(earlier + 1, len(touches)):
            common = touches[earlier].keys() & touches[later_one].keys()
            if any(sequence._conflict(touches[earlier][thing], touches[later_one][thing]) for thing in common):
                assert gone.index(earlier) < gone.index(later_one)
