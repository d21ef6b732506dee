"""Sees that a file has become another, however it was replaced.

Law of this file: what counts is what the path leads to now, and in the end what it holds. A watcher of the kernel's
(inotify) goes deaf where a ConfigMap swaps a link two folders above the file, and hears nothing on some network file
systems; a look at the path follows every link, costs 60 µs, and is done LOOKS_EVERY seconds. Its content is compared
every REHASH_EVERY seconds whatever the look says. Another file in its place is whole, and is taken at once; one that is
written in place may be half of what it will be, and is taken once two looks saw the same.
"""

import asyncio
import hashlib
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeAlias

LOOKS_EVERY: Final = 0.2
REHASH_EVERY: Final = 15.0
MAX_BYTES: Final = 4 * 1024 * 1024 + 1

_log = logging.getLogger(__name__)

_Sight: TypeAlias = tuple[int, ...] | str
_FILE: Final = slice(0, 2)
"""What of a sight says which file it is: its device and its number there."""


class Watch:
    """One file. `clock`: seconds, monotonic."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._path, self._clock = path, clock
        self._sight = self._unsettled = _look(path)
        self._digest = _digest(path)
        self._hashed_at = clock()

    def changed(self) -> bool:
        """Whether the file holds something else than when this was asked last, or is gone, or is back."""
        sight, now = _look(self._path), self._clock()
        if now - self._hashed_at < REHASH_EVERY and (sight == self._sight or not self._is_whole(sight)):
            return False
        digest = _digest(self._path)
        changed = digest != self._digest
        self._sight, self._digest, self._hashed_at = sight, digest, now
        return changed

    def _is_whole(self, sight: _Sight) -> bool:
        """Whether nobody seems to be writing what was seen."""
        settled, self._unsettled = sight == self._unsettled, sight
        return settled or isinstance(sight, str) or sight[_FILE] != self._sight[_FILE]

    async def follow(self, tell: Callable[[], Awaitable[None]], every: float = LOOKS_EVERY) -> None:
        """Calls `tell` after each change, until cancelled. In a thread, since a disk may be slow."""
        while True:
            await asyncio.sleep(every)
            try:
                if await asyncio.to_thread(self.changed):
                    await tell()
            except Exception:  # noqa: BLE001  # one change that fails must not end the looking for the next
                _log.exception("a change of %s could not be followed", self._path)


def _look(path: Path) -> _Sight:
    try:
        found = os.stat(path)
    except OSError as fault:
        return f"{fault.errno}"
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size


def _digest(path: Path) -> bytes:
    """Of what the file holds, or of why that cannot be said."""
    try:
        with path.open("rb") as file:
            return hashlib.sha256(file.read(MAX_BYTES)).digest()
    except OSError as fault:
        return str(fault.errno).encode()
