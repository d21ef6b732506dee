"""Frames that wait to be written, in order, bounded by bytes. Pure: it knows no socket.

Law of this file: `size` never exceeds the bound, a frame is dropped whole or not at all, and every frame put in leaves
exactly once: written to its last byte, or counted by `lose`. One tally besides waits for free: a newer replaces an
older, it goes first, and the last one is kept to be sent again, since counts that only grow may be repeated.
"""

from collections import deque
from itertools import islice

_MAX_BUFFERS = 64


class Outbox:
    """`size`: bytes of exchange frames that wait, including what is left of one that is half written."""

    __slots__ = ("_frames", "_half", "_last_tally", "_max_bytes", "_tally_leads", "_tally_waits", "size")

    def __init__(self, max_bytes: int) -> None:
        self.size = 0
        self._max_bytes = max_bytes
        self._frames: deque[bytes | memoryview] = deque()
        self._half = False
        self._last_tally: bytes | None = None
        self._tally_waits = False
        self._tally_leads = False

    def put(self, frame: bytes) -> bool:
        """Take an exchange's frame, or say that there is no room for it."""
        if self.size + len(frame) > self._max_bytes:
            return False
        self._frames.append(frame)
        self.size += len(frame)
        return True

    def put_tally(self, frame: bytes) -> None:
        """Take a tally's frame in place of an older one."""
        self._last_tally, self._tally_waits = frame, True

    def head(self) -> list[bytes | memoryview]:
        """The buffers to write next, in order; empty when nothing waits."""
        if self._tally_waits and not self._half and not self._tally_leads and self._last_tally is not None:
            self._frames.appendleft(self._last_tally)
            self._tally_waits, self._tally_leads = False, True
        return list(islice(self._frames, _MAX_BUFFERS))

    def advance(self, written: int) -> None:
        """Forget the first `written` bytes of `head`."""
        self._half = False if written else self._half
        while written:
            first = self._frames.popleft()
            gone = min(written, len(first))
            written -= gone
            self._settle(first, gone)

    def lose(self) -> int:
        """Drop everything, for the connection is gone: how many exchanges that was. The last tally waits again."""
        lost = len(self._frames) - self._tally_leads
        self._frames.clear()
        self.size, self._half, self._tally_leads = 0, False, False
        self._tally_waits = self._last_tally is not None
        return lost

    def __bool__(self) -> bool:
        return bool(self._frames) or self._tally_waits

    def _settle(self, first: bytes | memoryview, gone: int) -> None:
        if not self._tally_leads:
            self.size -= gone
        if gone < len(first):
            self._frames.appendleft(memoryview(first)[gone:])
            self._half = True
        else:
            self._tally_leads = False
