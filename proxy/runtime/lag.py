"""How late the loop is: a sleep that should have ended by now has not, because something held the loop.

Law of this file: one sleep at a time, so that a loop that was held for a second is seen as one lag of a second.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from proxy.telemetry.metrics import declare

LAG: Final = declare("strangler_loop_lag_seconds")
TASKS: Final = declare("strangler_tasks")
PERIOD: Final = 0.05

Observe = Callable[[str, tuple[str, ...], float], None]


async def watch_lag(observe: Observe, period: float = PERIOD) -> None:
    """Observes, until cancelled, by how many seconds each sleep of `period` seconds ended late."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + period
        await asyncio.sleep(period)
        observe(LAG, (), max(0.0, loop.time() - due))
