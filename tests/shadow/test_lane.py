import asyncio

from proxy.messages import Failure, FailureKind, Response
from proxy.routing.route import Shadowing
from proxy.shadow.health import FAILURES
from proxy.shadow.lane import Drop, Lane
from tests.shadow.timing import Clock


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def occupy(lane: Lane, leave: asyncio.Event, seen: list[Drop | None]) -> None:
    async with lane.place() as drop:
        seen.append(drop)
        if drop is None:
            await leave.wait()


async def test_no_more_than_max_in_flight_are_on_their_way() -> None:
    lane, leave, seen = Lane(Shadowing(max_in_flight=2, timeout=60), Clock()), asyncio.Event(), []
    tasks = [asyncio.create_task(occupy(lane, leave, seen)) for _ in range(5)]
    await settle()
    assert (seen, lane.waiting) == ([None, None], 3)
    leave.set()
    await asyncio.gather(*tasks)
    assert (seen, lane.waiting) == ([None] * 5, 0)


async def test_the_line_is_bounded() -> None:
    lane, leave, seen = Lane(Shadowing(max_in_flight=1, timeout=60), Clock(), max_waiting=1), asyncio.Event(), []
    tasks = [asyncio.create_task(occupy(lane, leave, seen)) for _ in range(3)]
    await settle()
    assert seen == [None, Drop.QUEUE]
    leave.set()
    await asyncio.gather(*tasks)
    assert seen == [None, Drop.QUEUE, None]


async def test_who_has_waited_for_too_long_is_dropped_and_takes_no_place() -> None:
    lane, leave, seen = Lane(Shadowing(max_in_flight=1, timeout=0.01), Clock()), asyncio.Event(), []
    first = asyncio.create_task(occupy(lane, leave, seen))
    await settle()
    await occupy(lane, leave, seen)
    assert (seen, lane.waiting) == ([None, Drop.LATE], 0)
    leave.set()
    await first
    await occupy(lane, leave, seen)
    assert seen == [None, Drop.LATE, None]


async def test_who_is_cancelled_in_line_or_on_the_way_leaves_the_place_to_others() -> None:
    lane, leave, seen = Lane(Shadowing(max_in_flight=1, timeout=60), Clock()), asyncio.Event(), []
    tasks = [asyncio.create_task(occupy(lane, leave, seen)) for _ in range(2)]
    await settle()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    leave.set()
    await occupy(lane, leave, seen)
    assert (seen, lane.waiting) == ([None, None], 0)


async def test_no_more_than_max_rate_a_second() -> None:
    clock = Clock()
    lane, leave, seen = Lane(Shadowing(max_rate=3.0), clock), asyncio.Event(), []
    leave.set()
    for _ in range(5):
        await occupy(lane, leave, seen)
    assert seen == [None, None, None, Drop.RATE, Drop.RATE]
    clock.now += 0.5
    await occupy(lane, leave, seen)
    await occupy(lane, leave, seen)
    assert seen[5:] == [None, Drop.RATE]
    clock.now += 3600
    for _ in range(4):
        await occupy(lane, leave, seen)
    assert seen[7:] == [None, None, None, Drop.RATE], "what was not used is not saved up"


async def test_a_rate_below_one_a_second_is_kept() -> None:
    clock = Clock()
    lane, leave, seen = Lane(Shadowing(max_rate=0.1), clock), asyncio.Event(), []
    leave.set()
    await occupy(lane, leave, seen)
    clock.now += 9
    await occupy(lane, leave, seen)
    clock.now += 2
    await occupy(lane, leave, seen)
    assert seen == [None, Drop.RATE, None]


async def test_a_shadow_that_gives_no_answers_is_left_alone_and_takes_no_place() -> None:
    lane, leave, seen = Lane(Shadowing(max_in_flight=1, max_rate=1.0), Clock()), asyncio.Event(), []
    leave.set()
    for _ in range(FAILURES):
        lane.health.heard(Failure(FailureKind.REFUSED, False, ""))
    await occupy(lane, leave, seen)
    lane.health.heard(Response(200, b"", (), b""))
    await occupy(lane, leave, seen)
    assert seen == [Drop.UNHEALTHY, None]


async def test_a_place_given_to_one_who_is_cancelled_by_then_goes_to_the_next() -> None:
    lane, leave, seen = Lane(Shadowing(max_in_flight=1, timeout=60), Clock()), asyncio.Event(), []
    assert await lane.enter() is None
    second, third = (asyncio.create_task(occupy(lane, leave, seen)) for _ in range(2))
    await settle()
    lane.leave()
    second.cancel()
    await settle()
    assert (seen, lane.waiting, second.cancelled()) == ([None], 0, True)
    leave.set()
    await third
    assert await lane.enter() is None


async def test_all_in_line_wait_equally_long() -> None:
    lane, leave, seen = Lane(Shadowing(max_in_flight=1, timeout=0.05), Clock()), asyncio.Event(), []
    first = asyncio.create_task(occupy(lane, leave, seen))
    await settle()
    loop, ends = asyncio.get_running_loop(), []

    async def waits() -> None:
        began = loop.time()
        await occupy(lane, leave, seen)
        ends.append(loop.time() - began)

    waiting = [asyncio.create_task(waits())]
    await asyncio.sleep(0.02)
    waiting.append(asyncio.create_task(waits()))
    await asyncio.wait(waiting)
    assert seen == [None, Drop.LATE, Drop.LATE]
    assert all(waited >= 0.049 for waited in ends)
    leave.set()
    await first
