"""What is written together, and what comes after."""

import asyncio

from proxy.http1.turn import BATCH, PAUSE, Turn


async def test_writes_come_at_the_end_of_the_turn_and_the_rest_after_every_write() -> None:
    log: list[str] = []

    class Writing:
        def __init__(self, name: str) -> None:
            self.name = name

        def write_out(self) -> None:
            log.append(self.name)
            if self.name == "first":
                turn.write(Writing("added while writing"))

    turn = Turn(asyncio.get_running_loop())
    turn.afterwards(lambda: log.append("copy"))
    turn.write(Writing("first"))
    turn.write(Writing("second"))
    assert log == []
    async with asyncio.timeout(5):
        while "copy" not in log:
            await asyncio.sleep(0)
    assert log == ["first", "second", "added while writing", "copy"]


async def test_each_turn_begins_anew() -> None:
    log: list[int] = []
    turn = Turn(asyncio.get_running_loop())
    for number in range(3):
        turn.afterwards(lambda number=number: log.append(number))
        async with asyncio.timeout(5):
            while len(log) <= number:
                await asyncio.sleep(0)
    assert log == [0, 1, 2]


async def test_one_that_raises_stops_neither_what_others_write_nor_what_comes_after() -> None:
    log: list[str] = []
    told: list[BaseException] = []

    class Writing:
        def __init__(self, name: str) -> None:
            self.name = name

        def write_out(self) -> None:
            if self.name == "bad":
                raise RuntimeError("write")
            log.append(self.name)

    def bad() -> None:
        raise RuntimeError("later")

    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
    turn = Turn(loop)
    for name in ("before", "bad", "after"):
        turn.write(Writing(name))
    turn.afterwards(bad)
    turn.afterwards(lambda: log.append("copy"))
    async with asyncio.timeout(5):
        while "copy" not in log:
            await asyncio.sleep(0)
    assert log == ["before", "after", "copy"]
    assert [str(fault) for fault in told] == ["write", "later"]


async def test_what_can_wait_waits_for_a_batch_or_a_while() -> None:
    log: list[int] = []
    loop = asyncio.get_running_loop()
    turn = Turn(loop)
    began = loop.time()
    for number in range(BATCH - 1):
        turn.afterwards(lambda number=number: log.append(number))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert log == []
    async with asyncio.timeout(5):
        while not log:
            await asyncio.sleep(0)
    assert loop.time() - began >= PAUSE * 0.9  # uvloop's clock counts whole milliseconds
    assert log == list(range(BATCH - 1))
    log.clear()
    for number in range(BATCH):
        turn.afterwards(lambda number=number: log.append(number))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert log == list(range(BATCH))


async def test_at_the_end_nothing_waits() -> None:
    log: list[str] = []
    turn = Turn(asyncio.get_running_loop())
    turn.settle()
    turn.afterwards(lambda: log.append("copy"))
    turn.settle()
    assert log == ["copy"]
    await asyncio.sleep(2 * PAUSE)
    assert log == ["copy"]
