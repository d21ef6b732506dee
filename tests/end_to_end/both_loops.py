"""A conversation held twice: on asyncio's own loop, and on uvloop, which serves payments.

Law of this file: what one loop forgives is not forgiven on the other, and an exception that reaches the loop fails the
conversation even if everybody was answered.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvloop

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


def on_both_loops(conversation: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """A test of each loop that awaits `conversation` with the fixtures that it names."""
    taken = inspect.signature(conversation)

    def test(loop_name: str, **fixtures: Any) -> None:
        with asyncio.Runner(loop_factory=LOOPS[loop_name]) as runner:
            runner.run(_hold(conversation(**fixtures)))

    test.__name__, test.__doc__, test.__module__ = conversation.__name__, conversation.__doc__, conversation.__module__
    of_the_loop = inspect.Parameter("loop_name", inspect.Parameter.KEYWORD_ONLY)
    test.__dict__.update(
        conversation.__dict__,
        __signature__=taken.replace(
            parameters=[each.replace(kind=each.KEYWORD_ONLY) for each in taken.parameters.values()] + [of_the_loop]
        ),
    )
    both: Callable[..., None] = pytest.mark.parametrize("loop_name", LOOPS)(test)
    return both


async def _hold(conversation: Awaitable[None]) -> None:
    faults: list[str] = []

    def note(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if isinstance(context.get("exception"), Exception):  # a scripted server that is cancelled is none
            faults.append(f"{context['message']}: {context['exception']!r}")

    asyncio.get_running_loop().set_exception_handler(note)
    await conversation
    assert faults == []


async def until(condition: Callable[[], object], what: str, seconds: float = 5.0) -> None:
    """Gives the loop turns until `condition` holds; AssertionError naming `what` after `seconds`."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not condition():
        assert loop.time() < deadline, f"waited {seconds:g} s in vain until {what}"
        await asyncio.sleep(0.005)
