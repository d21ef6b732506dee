"""Is a backend there? Law of this file: a probe opens a connection and closes it; it sends nothing."""

import asyncio
import os
import socket
from collections.abc import Iterable

from proxy.routing.table import Backend


async def unreachable(backends: Iterable[Backend]) -> list[str]:
    """One line for each address of a backend that takes no connection within its connect time-out."""
    places = ((each, place) for each in backends for place in each.addresses or ((each.host, each.port),))
    lines = await asyncio.gather(*(_probe(backend, *place) for backend, place in places))
    return [line for line in lines if line is not None]


async def _probe(backend: Backend, host: str, port: int) -> str | None:
    where = f"backend {backend.name} ({backend.scheme}://{host}:{port}) is unreachable"
    try:
        async with asyncio.timeout(backend.timeouts.connect):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return f"{where}: no connection within {backend.timeouts.connect:g} s"
    except OSError as fault:
        return f"{where}: {_reason(fault)}"
    writer.close()
    return None


def _reason(fault: OSError) -> str:
    """The system's own words: asyncio's say which call failed, not why."""
    if fault.errno is None or isinstance(fault, socket.gaierror):
        return fault.strerror or str(fault)
    return os.strerror(fault.errno)
