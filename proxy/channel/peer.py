"""Who may talk on the channel's socket: processes of our own user, and nobody else.

Law of this file: clear values cross this socket, so its folder is 0700 and ours, the socket 0600, and the uid of the
peer is asked of the kernel. Nothing is deleted that is not a dead socket. Every refusal is an OSError whose text says
what is wrong with which path and what to do.
"""

import errno
import os
import socket
import stat
import struct
from pathlib import Path

_CREDENTIALS = struct.Struct("3i")
_MAX_PATH = 107
_BACKLOG = 64


def peer_uid(sock: socket.socket) -> int:
    """The user id of the process at the other end, as the kernel recorded it when it connected (SO_PEERCRED)."""
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(raw)[1])


def check_length(path: Path) -> None:
    """OSError if the path does not fit in a unix socket's address."""
    if len(os.fsencode(path)) > _MAX_PATH:
        raise OSError(
            errno.ENAMETOOLONG, f"socket path is longer than {_MAX_PATH} bytes; choose a shorter folder", str(path)
        )


def bind_private(path: Path) -> socket.socket:
    """A listening, non-blocking unix socket at `path`, in place of one whose process is dead."""
    check_length(path)
    _private_folder(path.parent)
    _remove_stale(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(str(path))
        path.chmod(0o600)
        sock.listen(_BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def _private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.stat()
    if found.st_uid != os.getuid():
        raise PermissionError(
            errno.EACCES, "folder of the channel belongs to another user; choose another", str(folder)
        )
    if found.st_mode & 0o077:
        raise PermissionError(errno.EACCES, "folder of the channel is open to other users; chmod 700 it", str(folder))


def _remove_stale(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise FileExistsError(errno.EEXIST, "not a socket, so it is left alone; move it away", str(path))
    if _is_listened_to(path):
        raise OSError(errno.EADDRINUSE, "another process listens here; stop it or choose another path", str(path))
    path.unlink(missing_ok=True)


def _is_listened_to(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return False
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return True
