"""The pools by backend name: the gateway's Upstreams, and the runner's way to send.

Law of this file: each process has pools of its own, so that a shadow's connections are never a payment's.
"""

from collections.abc import Mapping

from proxy.gateway.ports import Connection, Waiter
from proxy.http1.client import ClientConnection
from proxy.http1.pool import Address, Pool, PoolSettings
from proxy.http1.ticker import Ticker
from proxy.routing.table import Backend


class Upstreams:
    """One pool for each backend."""

    def __init__(self, backends: Mapping[str, Backend], ticker: Ticker) -> None:
        self._pools = {name: Pool(_address(backend), _settings(backend), ticker) for name, backend in backends.items()}

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


def _address(backend: Backend) -> Address:
    return Address(backend.host, backend.port, backend.scheme == "https", backend.host)


def _settings(backend: Backend) -> PoolSettings:
    return PoolSettings(
        max_connections=backend.pool.max_connections,
        max_pending=backend.pool.max_pending,
        idle_timeout=backend.pool.idle_timeout,
        connect_timeout=backend.timeouts.connect,
    )
