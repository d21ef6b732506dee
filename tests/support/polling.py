"""Waiting for what is true soon: a condition and a deadline, never a fixed sleep."""

import time
from collections.abc import Callable

INTERVAL = 0.01
"""Seconds between two looks."""


def wait_until(condition: Callable[[], bool], what: str, timeout: float = 10.0) -> None:
    """Returns when `condition` holds; AssertionError naming `what` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout:g} s in vain until {what}")
        time.sleep(INTERVAL)
