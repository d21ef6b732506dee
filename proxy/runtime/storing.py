"""The store and the redaction key, as the processes need them."""

from pathlib import Path

from proxy.redaction import load_or_create_key
from proxy.runtime.sockets import EnvironmentFault
from proxy.store.engine import open_store
from proxy.store.errors import StoreError
from proxy.store.url import sqlite_path


def beside(store: str) -> Path:
    """The path that files which go with a store are named after: an SQLite store's own. Raises EnvironmentFault."""
    try:
        return sqlite_path(store)
    except StoreError as fault:
        raise EnvironmentFault(str(fault)) from None


def key_beside(store: str) -> Path:
    """The key file that goes with an SQLite store: beside it, with `.key` added. Raises EnvironmentFault."""
    return Path(f"{beside(store)}.key")


async def prepared(store: str, key_file: Path) -> None:
    """Makes sure that the store can be written and the key read. Raises EnvironmentFault."""
    try:
        opened = await open_store(store)
        await opened.close()
        load_or_create_key(key_file)
    except StoreError as fault:
        raise EnvironmentFault(str(fault)) from None
    except OSError as fault:
        raise EnvironmentFault(f"the redaction key {key_file} cannot be had: {fault}") from None
    except ValueError as fault:
        raise EnvironmentFault(f"the redaction key cannot be used: {fault}") from None
