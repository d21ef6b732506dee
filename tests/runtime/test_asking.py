"""Questions of the control process; the supervisor's end of the link is the test's."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from proxy.runtime import asking
from proxy.runtime.asking import MOST, Asking
from proxy.runtime.link import Ask, Link, Told


@pytest.fixture
async def ends() -> AsyncIterator[tuple[Asking, Link]]:
    one, other = socket.socketpair()
    ours, theirs = await Link.over(one), await Link.over(other)
    yield Asking(ours), theirs
    ours.close()
    theirs.close()


async def heard(link: Link) -> Ask:
    async with asyncio.timeout(5):
        message = await link.receive()
    assert isinstance(message, Ask)
    return message


async def test_each_gets_the_answer_to_its_own_question(ends: tuple[Asking, Link]) -> None:
    asker, supervisor = ends
    first = asyncio.create_task(asker.ask("reload", "{}"))
    second = asyncio.create_task(asker.ask("override", '{"a": 1}'))
    questions = [await heard(supervisor), await heard(supervisor)]
    assert [(each.what, each.body) for each in questions] == [("reload", "{}"), ("override", '{"a": 1}')]
    asker.told(Told(questions[1].number, 422, "no"))
    assert await second == (422, "no")
    assert not first.done()
    asker.told(Told(questions[0].number, 200, "yes"))
    assert await first == (200, "yes")


async def test_an_answer_that_nobody_waits_for_is_let_go(ends: tuple[Asking, Link]) -> None:
    asker, supervisor = ends
    asker.told(Told(1, 200, "early"))
    waiting = asyncio.create_task(asker.ask("reload", "{}"))
    number = (await heard(supervisor)).number
    asker.told(Told(number, 200, "first"))
    asker.told(Told(number, 200, "second"))
    assert await waiting == (200, "first")
    asker.told(Told(number, 200, "late"))


async def test_no_answer_in_time_is_an_end(ends: tuple[Asking, Link], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0.01)
    asker, supervisor = ends
    with pytest.raises(TimeoutError):
        await asker.ask("reload", "{}")
    asker.told(Told((await heard(supervisor)).number, 200, "late"))


async def test_so_many_wait_and_the_next_is_turned_away(ends: tuple[Asking, Link]) -> None:
    asker, supervisor = ends
    waiting = [asyncio.create_task(asker.ask("reload", "{}")) for _ in range(MOST)]
    numbers = [(await heard(supervisor)).number for _ in waiting]
    with pytest.raises(TimeoutError):
        await asker.ask("reload", "{}")
    asker.told(Told(numbers[0], 200, ""))
    await waiting[0]
    again = asyncio.create_task(asker.ask("reload", "{}"))
    await heard(supervisor)
    for each in (*waiting, again):
        each.cancel()
    await asyncio.gather(*waiting, again, return_exceptions=True)
