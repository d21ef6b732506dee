"""The control process's way to the supervisor: a question with a number, and its answer.

Law of this file: at most MOST wait at once, each for PATIENCE seconds.
"""

import asyncio
from typing import Final

from proxy.runtime.link import Ask, Link, Told

PATIENCE: Final = 10.0
MOST: Final = 100


class Asking:
    """One end of the link; `told` is given what comes back."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._number = 0
        self._waiting: dict[int, asyncio.Future[Told]] = {}

    async def ask(self, what: str, body: str) -> tuple[int, str]:
        """The supervisor's answer: an HTTP status and a JSON body. TimeoutError if there is none in time."""
        if len(self._waiting) >= MOST:
            raise TimeoutError
        self._number += 1
        number = self._number
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._link.send(Ask(number, what, body))
        try:
            async with asyncio.timeout(PATIENCE):
                told = await answer
        finally:
            del self._waiting[number]
        return told.status, told.body

    def told(self, told: Told) -> None:
        waiting = self._waiting.get(told.number)
        if waiting is not None and not waiting.done():
            waiting.set_result(told)
