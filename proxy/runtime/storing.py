"""The store, what lies beside it, and the redaction key, as the processes need them.

Law of this file: to know where things are needs no database; what opens one is imported when it is to be opened, beside
what else the process does.
"""

import asyncio
import hashlib
import os
import socket
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from proxy.redaction import KEY_VARIABLE, is_given, load_or_create_key
from proxy.runtime.sockets import EnvironmentFault
from proxy.store.errors import StoreError
from proxy.store.url import parse_url

if TYPE_CHECKING:
    from proxy.store.engine import Store

_SERVERS: Final = frozenset({"postgresql", "postgres", "mysql", "mariadb"})


class KeyRefused(Exception):
    """The redaction key that the command line leaves us with will not do; the text says what to do."""


def beside(store: str) -> Path:
    """The path that files which go with a store are named after: an SQLite store's own, else one in the working folder
    with the name of the database. Raises EnvironmentFault.
    """
    try:
        place = parse_url(store)
    except StoreError as fault:
        raise EnvironmentFault(str(fault)) from None
    return place.path or Path(f"strangler-{place.name}".replace("/", "-"))


def key_beside(store: str) -> Path:
    """The key file that goes with a store: beside it, with `.key` added. Raises EnvironmentFault."""
    return Path(f"{beside(store)}.key")


def socket_path(store: str) -> Path:
    """Where the claims of a store are asked for on this machine: the same for both sides of an upgrade. Raises
    EnvironmentFault.
    """
    told = f"{socket.gethostname()}:{claims_file(store).resolve()}"
    name = hashlib.sha256(told.encode(errors="surrogateescape")).hexdigest()[:24]
    return Path(tempfile.gettempdir()) / f"strangler-claims-{os.getuid()}" / f"{name}.sock"


def claims_file(store: str) -> Path:
    """What the lock and the journals are named after, and where the claims are if no server has them. Raises
    EnvironmentFault.
    """
    path = beside(store)
    return path.with_name(f"{path.name}.claims")


def node_of(path: Path) -> str:
    """What the workers of this machine and store are told apart by from those of another, by the socket's path."""
    return path.stem[:8]


def require_key(store: str, key_file: Path | None) -> None:
    """A store on a server asks for a key of the operator's own; we make one only beside a file. Raises KeyRefused."""
    scheme = store.partition(":")[0]
    if scheme.partition("+")[0] not in _SERVERS or is_given() or (key_file is not None and key_file.exists()):
        return
    missing = f"{key_file} is not there" if key_file is not None else "there is none"
    raise KeyRefused(
        f"a store at {scheme}:// needs a redaction key that is kept apart from it, and {missing}: set {KEY_VARIABLE},"
        " or make a file (umask 077; head -c 32 /dev/urandom | base64 > redaction.key) and name it by"
        " --redaction-key-file"
    )


def key_warning(store: str, key_file: Path | None) -> tuple[str, ...]:
    """What to say of a key that we made and that lies beside the store."""
    if is_given() or key_file is not None:
        return ()
    return (
        f"the redaction key {key_beside(store)} was made here and lies beside the store, which will do for a trial; for"
        f" real payments keep one apart from it: {KEY_VARIABLE} or --redaction-key-file",
    )


async def prepared(store: str, key_file: Path) -> None:
    """Makes sure that the store can be written and the key read. Raises EnvironmentFault."""
    try:
        open_store = await asyncio.to_thread(_opener)
        opened = await open_store(store)
        await opened.close()
        load_or_create_key(key_file)
    except StoreError as fault:
        raise EnvironmentFault(str(fault)) from None
    except OSError as fault:
        raise EnvironmentFault(f"the redaction key {key_file} cannot be had: {fault}") from None
    except ValueError as fault:
        raise EnvironmentFault(f"the redaction key cannot be used: {fault}") from None


def _opener() -> "Callable[[str], Awaitable[Store]]":
    from proxy.store.engine import open_store

    return open_store
