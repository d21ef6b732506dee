"""Claims that a worker had to make alone: on its own disk before their requests are sent, until the service has them.

Law of this file: one file a worker's life, locked while it lives; whoever can lock it knows that its worker is gone. A
file that is there and not empty says: the service does not know all claims yet. What is cut off in the middle, by a
worker's end, was never acted on.
"""

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final

from proxy.claims.words import Bid, FrameError, Frames, Own, Said, frame, said

MAX_BYTES: Final = 256 * 1024 * 1024
"""Bytes of a journal; beyond, its worker decides nothing alone."""

_DRAFT: Final = "."


def folder_beside(path: Path) -> Path:
    """Where the journals lie that go with a store."""
    return path.with_name(f"{path.name}.journals")


class Journal:
    """One life's; the file is made when it is first needed. OSError if it cannot be written."""

    def __init__(self, folder: Path, life: str) -> None:
        self._path = folder / life
        self._file: IO[bytes] | None = None
        self.size = 0

    def write(self, messages: Iterable[Said]) -> None:
        """They are on disk when it returns."""
        file = self._file or self._opened()
        data = b"".join(map(frame, messages))
        if self.size + len(data) > MAX_BYTES:
            raise OSError("the journal of claims is full")
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        self.size += len(data)

    def clear(self) -> None:
        """The service has them all."""
        file, self._file, self.size = self._file, None, 0
        if file is not None:
            self._path.unlink(missing_ok=True)
            file.close()

    def _opened(self) -> IO[bytes]:
        """It has its name only once it is locked, so that nobody takes it for one left behind."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._path.with_name(f"{_DRAFT}{self._path.name}")
        file = os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        fcntl.flock(file, fcntl.LOCK_EX)
        draft.rename(self._path)
        _sync_folder(self._path.parent)
        self._file = file
        return file


def lives(folder: Path) -> list[str]:
    """Whose claims the service does not know yet."""
    try:
        with os.scandir(folder) as found:
            return [each.name for each in found if not each.name.startswith(_DRAFT)]
    except FileNotFoundError:
        return []


def left_behind(folder: Path, life: str) -> list[Bid | Own] | None:
    """What a worker that is gone has written; None while it lives."""
    try:
        with (folder / life).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return _read(file.read(MAX_BYTES))
    except FileNotFoundError:
        return []
    except BlockingIOError:
        return None


def remove(folder: Path, life: str) -> None:
    (folder / life).unlink(missing_ok=True)


def _read(data: bytes) -> list[Bid | Own]:
    found: list[Bid | Own] = []
    try:
        for payload in Frames().take(data):
            message = said(payload)
            if isinstance(message, Bid | Own):
                found.append(message)
    except FrameError:
        return found
    return found


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
