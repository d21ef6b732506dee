"""The end of the loop's turn: first all that is to be written, then what can wait.

Law of this file: what many connections have to write after one look at the sockets is written together, so that a peer
is woken once and not once a message (measured: a write that wakes a sleeping peer costs three to five times one that
does not). Nothing waits longer than the turn. What can wait comes after every write: a copy never delays an answer.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol


class Writer(Protocol):
    """What has something to write."""

    def write_out(self) -> None: ...


class Turn:
    """Shared by all connections of one worker."""

    __slots__ = ("_later", "_loop", "_writers")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._writers: list[Writer] = []
        self._later: list[Callable[[], object]] = []

    def write(self, writer: Writer) -> None:
        """Calls `writer.write_out` at the end of this turn."""
        if not self._writers:
            self._loop.call_soon(self._write)
        self._writers.append(writer)

    def afterwards(self, action: Callable[[], object]) -> None:
        """Calls `action` after the writes of this turn."""
        if not self._later:
            self._loop.call_soon(self._do_later)
        self._later.append(action)

    def _write(self) -> None:
        writers, self._writers = self._writers, []
        for writer in writers:
            self._do(writer.write_out)

    def _do_later(self) -> None:
        if self._writers:
            self._loop.call_soon(self._do_later)
            return
        later, self._later = self._later, []
        for action in later:
            self._do(action)

    def _do(self, action: Callable[[], object]) -> None:
        try:
            action()
        except Exception as fault:  # noqa: BLE001  # one that fails must not stop what the others have to write
            self._loop.call_exception_handler({"message": "the end of a turn failed", "exception": fault})
