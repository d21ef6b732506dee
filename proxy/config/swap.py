"""A file that is read, and later replaced whole, if it is still what was read.

Law of this file: whoever opens the file sees the old content or the new one, and after a crash one of them is there. A
symbolic link stays, what it leads to is replaced; mode, owner and group stay.
"""

import errno
import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_IMODE, S_ISREG

from proxy.config.yaml_reader import MAX_BYTES


class Changed(Exception):
    """The file is no longer what was read: nothing was replaced."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a file held when it was read. `name`: as the user calls it; `path`: where the content is."""

    name: str
    path: Path
    content: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The content as text, line ends as they are. Raises UnicodeDecodeError."""
        return self.content.decode()


def hold(name: str) -> Held:
    """Read a file. Raises OSError; ValueError if it is no regular file or larger than a route table can be."""
    try:
        path = Path(name).resolve()
    except RuntimeError:  # what Python 3.11 says of a loop of links
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name) from None
    return Held(name, path, _content(path))


def replace(held: Held, text: str) -> None:
    """Put the text in place of what was read. Raises Changed, and OSError; then the file is as it was."""
    was = _status(held.path)
    descriptor, temporary = tempfile.mkstemp(prefix=".strangler-", suffix=".tmp", dir=held.path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            _dress(file.fileno(), was)
            os.fsync(file.fileno())
        with _alone(held.path.parent):
            _require_unchanged(held)
            os.replace(temporary, held.path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(held.path.parent)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else who asks for it is at work in the folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _status(path: Path) -> os.stat_result:
    """What the system knows of a regular file. Raises OSError, and ValueError for what is none."""
    found = path.stat()
    if not S_ISREG(found.st_mode):
        raise ValueError("it is not a regular file; name the file itself")
    return found


def _content(path: Path) -> bytes:
    _status(path)
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES} bytes")
    return content


def _dress(descriptor: int, was: os.stat_result) -> None:
    """Owner, group and mode as they were. A user who may not give files away keeps at least the group."""
    try:
        os.fchown(descriptor, was.st_uid, was.st_gid)
    except PermissionError:
        os.fchown(descriptor, -1, was.st_gid)
    os.fchmod(descriptor, S_IMODE(was.st_mode))


def _require_unchanged(held: Held) -> None:
    if Path(held.name).resolve() != held.path or _content(held.path) != held.content:
        raise Changed(f"{held.name} was changed by somebody else meanwhile: look at it, then flip again")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
