"""The folder of one `strangler serve`: the socket between its processes, and the lock that says that it lives.

Law of this file: a folder that a killed one left is removed by the next, and nothing else is: it is ours, has our name,
nobody holds its lock, nobody listens on its socket, and it holds nothing besides. In doubt it stays.
"""

import fcntl
import os
import re
import socket
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from proxy.channel.peer import check_length
from proxy.runtime.sockets import EnvironmentFault

PREFIX: Final = "strangler-"
_NAME: Final = re.compile(PREFIX + r"[a-z0-9_]{8}")
_SOCKET: Final = "channel.sock"
_LOCK: Final = "lock"


class Place:
    """A folder of its own in the system's folder for such things (TMPDIR). Raises EnvironmentFault."""

    def __init__(self) -> None:
        parent = Path(tempfile.gettempdir())
        remove_left(parent)
        try:
            self._folder, self._lock = _made(parent)
        except OSError as fault:
            raise EnvironmentFault(f"no folder can be made in {parent}: {fault.strerror}; set TMPDIR") from None
        self.channel = self._folder / _SOCKET
        try:
            check_length(self.channel)
        except OSError as fault:
            self.leave()
            raise EnvironmentFault(f"{parent}: {fault.strerror}, with TMPDIR") from None

    def leave(self) -> None:
        """Removes it, unless somebody has."""
        with suppress(OSError):
            _remove(self._folder)
        os.close(self._lock)


def remove_left(parent: Path) -> None:
    """Removes the folders in `parent` that killed ones left."""
    with suppress(OSError):
        for folder in parent.iterdir():
            if _NAME.fullmatch(folder.name):
                with suppress(OSError):
                    _remove_if_left(folder)


def _made(parent: Path) -> tuple[Path, int]:
    """A new folder and its lock. One that another process took for left meanwhile is made anew."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / _LOCK).exists():
            return folder, lock
        os.close(lock)


def _remove_if_left(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or not {*os.listdir(folder)} <= {_LOCK, _SOCKET}:
        return
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _is_listened_to(folder / _SOCKET):
            _remove(folder)
    finally:
        os.close(lock)


def _is_listened_to(path: Path) -> bool:
    """A runner may outlive its supervisor by some seconds."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
    return True


def _remove(folder: Path) -> None:
    for name in (_SOCKET, _LOCK):
        (folder / name).unlink(missing_ok=True)
    folder.rmdir()
