"""Programs that some tests need and a machine may lack: skipped visibly, or demanded."""

import os
import socket
from pathlib import Path
from shutil import which
from typing import NoReturn
from urllib.parse import urlsplit

import pytest

_MORE = ("/usr/local/sbin", "/usr/sbin", "/sbin", *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"))))


def require_service(executable: str) -> Path:
    """The path of a server program such as nginx or postgres.

    Where it is missing the test is skipped with the reason; with STRANGLER_REQUIRE_SERVICES=1 it fails instead.
    """
    found = which(executable, path=os.pathsep.join((os.environ.get("PATH", ""), *_MORE)))
    if found is None:
        _missing(f"{executable} is not installed on this machine")
    return Path(found)


def require_folder(folder: Path) -> Path:
    """The folder, or a skip or failure as for a program."""
    if not folder.is_dir():
        _missing(f"the folder {folder.name} ({folder}) is not there")
    return folder


def require_server(name: str, variable: str, usual: str) -> str:
    """The URL of a database server on which tests may make databases of their own: from the environment variable, else
    the usual one. A skip or failure as for a program where nothing listens.
    """
    url = os.environ.get(variable, usual)
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port or 0), timeout=2).close()
    except OSError:
        _missing(f"no {name} listens at {parts.hostname}:{parts.port} (set {variable} to another)")
    return url


def _missing(reason: str) -> NoReturn:
    if os.environ.get("STRANGLER_REQUIRE_SERVICES") == "1":
        pytest.fail(f"{reason}, and STRANGLER_REQUIRE_SERVICES=1 asks for it")
    pytest.skip(reason)
