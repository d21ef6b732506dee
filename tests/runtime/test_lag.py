import asyncio
import time
from collections.abc import Callable

import pytest

from proxy.runtime.lag import watch_lag

Seen = list[tuple[str, tuple[str, ...], float]]


async def _watched(seen: Seen, until: Callable[[], bool]) -> None:
    task = asyncio.get_running_loop().create_task(watch_lag(lambda *each: seen.append(each), 0.001))
    try:
        async with asyncio.timeout(5):
            while not until():
                await asyncio.sleep(0)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_loop_that_was_held_is_late_by_as_much() -> None:
    seen: Seen = []
    held = False

    def hold() -> bool:
        nonlocal held
        if seen and not held:
            held = True
            time.sleep(0.2)
        return any(seconds > 0.15 for _, _, seconds in seen)

    await _watched(seen, hold)
    assert sum(seconds > 0.15 for _, _, seconds in seen) == 1


async def test_each_sleep_gives_one_observation_of_the_metric_that_is_never_negative() -> None:
    seen: Seen = []
    await _watched(seen, lambda: len(seen) >= 20)
    assert {(name, labels) for name, labels, _ in seen} == {("strangler_loop_lag_seconds", ())}
    assert all(seconds >= 0 for _, _, seconds in seen)


async def test_it_ends_when_it_is_cancelled() -> None:
    task = asyncio.get_running_loop().create_task(watch_lag(lambda *each: None, 60))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
