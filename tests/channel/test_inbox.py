import asyncio

import pytest

from proxy.channel.inbox import Inbox


async def waits(task: asyncio.Task[object]) -> bool:
    for _ in range(5):
        await asyncio.sleep(0)
    return not task.done()


@pytest.mark.parametrize(("max_items", "max_bytes"), [(2, 1000), (1000, 20)])
async def test_put_waits_at_either_bound_until_something_is_taken(max_items: int, max_bytes: int) -> None:
    inbox: Inbox[str] = Inbox(max_items, max_bytes)
    await inbox.put("a", 10)
    await inbox.put("b", 10)
    third = asyncio.create_task(inbox.put("c", 10))
    assert await waits(third)
    assert (inbox.number, inbox.size) == (2, 20)
    assert await inbox.get() == "a"
    await third
    assert [await inbox.get(), await inbox.get(), inbox.size] == ["b", "c", 0]


async def test_an_item_over_the_whole_bound_passes_alone() -> None:
    inbox: Inbox[str] = Inbox(10, 5)
    await inbox.put("large", 50)
    second = asyncio.create_task(inbox.put("small", 1))
    assert await waits(second)
    assert await inbox.get() == "large"
    await second


async def test_get_waits_for_an_item() -> None:
    inbox: Inbox[str] = Inbox(1, 1)
    taken = asyncio.create_task(inbox.get())
    assert await waits(taken)
    await inbox.put("a", 1)
    assert await taken == "a"


async def test_a_closed_inbox_gives_what_it_holds_and_then_none() -> None:
    inbox: Inbox[str] = Inbox(1, 1)
    await inbox.put("a", 1)
    await inbox.close()
    assert [await inbox.get(), await inbox.get(), await inbox.get()] == ["a", None, None]


async def test_closing_wakes_whoever_waits() -> None:
    inbox: Inbox[str] = Inbox(1, 1)
    taken = asyncio.create_task(inbox.get())
    assert await waits(taken)
    await inbox.close()
    assert await taken is None
