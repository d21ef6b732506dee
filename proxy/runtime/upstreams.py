"""The pools by backend name: the gateway's Upstreams, and the runner's way to send.

Law of this file: each process has pools of its own, so that a shadow's connections are never a payment's.
"""

import ssl
from collections.abc import Mapping
from pathlib import Path

from proxy.config.certificates import client_context
from proxy.gateway.ports import Connection, Waiter
from proxy.http1.client import ClientConnection
from proxy.http1.pool import Address, Pool, PoolSettings
from proxy.http1.ticker import Ticker
from proxy.routing.table import Backend


class Upstreams:
    """One pool for each backend. `contexts`: what https backends are verified with; made here where one is missing."""

    def __init__(
        self, backends: Mapping[str, Backend], ticker: Ticker, contexts: Mapping[str, ssl.SSLContext] | None = None
    ) -> None:
        known = contexts or {}
        self._pools = {
            name: Pool(_address(backend, known.get(name)), _settings(backend), ticker)
            for name, backend in backends.items()
        }

    def pool(self, backend: str) -> Pool:
        return self._pools[backend]

    def acquire(self, backend: str, waiter: Waiter, *, fresh: bool = False) -> Connection | None:
        return self._pools[backend].acquire(waiter, fresh=fresh)

    def forget(self, backend: str, waiter: Waiter) -> None:
        self._pools[backend].forget(waiter)

    def give_back(self, backend: str, connection: Connection) -> None:
        assert isinstance(connection, ClientConnection)
        self._pools[backend].give_back(connection)

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.close()


def _address(backend: Backend, context: ssl.SSLContext | None) -> Address:
    if backend.scheme != "https":
        return Address(backend.host, backend.port)
    named = backend.tls.server_name if backend.tls is not None else None
    context = context or client_context(backend.tls, Path())
    return Address(backend.host, backend.port, context, (named or backend.host).rstrip("."))


def _settings(backend: Backend) -> PoolSettings:
    return PoolSettings(
        max_connections=backend.pool.max_connections,
        max_pending=backend.pool.max_pending,
        idle_timeout=backend.pool.idle_timeout,
        connect_timeout=backend.timeouts.connect,
    )
