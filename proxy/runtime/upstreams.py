"""The pools by backend name: the gateway's Upstreams, and the runner's way to send.

Law of this file: each process has pools of its own, so that a shadow's connections are never a payment's. A table that
comes later takes over the pools of the backends that it did not change; the others serve whom they have, and end.
"""

import ssl
from collections.abc import Mapping
from pathlib import Path

from proxy.config.certificates import client_context
from proxy.gateway.ports import Connection, Waiter
from proxy.http1.balance import Balancer
from proxy.http1.balanced import Balanced
from proxy.http1.client import ClientConnection
from proxy.http1.pool import Address, Pool, PoolSettings
from proxy.http1.ticker import Ticker
from proxy.routing.table import Backend


class Upstreams:
    """One pool for each backend, or one for each address of a backend that has several. `contexts`: what https backends
    are verified with; made here where one is missing.
    """

    def __init__(
        self,
        backends: Mapping[str, Backend],
        ticker: Ticker,
        contexts: Mapping[str, ssl.SSLContext] | None = None,
        before: "Upstreams | None" = None,
    ) -> None:
        self._backends = dict(backends)
        self._ticker = ticker
        known = contexts or {}
        kept = before._unchanged(self._backends) if before is not None else {}
        self._addresses = {name: _addresses(backend, known.get(name)) for name, backend in backends.items()}
        self._pools: dict[str, Pool | Balanced] = {
            name: kept.get(name) or _pool(self._addresses[name], _settings(backend), ticker)
            for name, backend in backends.items()
        }

    def followed_by(
        self, backends: Mapping[str, Backend], contexts: Mapping[str, ssl.SSLContext] | None = None
    ) -> "Upstreams":
        """Those of the next table. These serve the requests that began with them, and nobody else."""
        after = Upstreams(backends, self._ticker, contexts, before=self)
        kept = set(after._pools.values())
        for pool in self._pools.values():
            if pool not in kept:
                pool.retire()
        return after

    def _unchanged(self, backends: Mapping[str, Backend]) -> dict[str, Pool | Balanced]:
        return {name: pool for name, pool in self._pools.items() if backends.get(name) == self._backends[name]}

    def pool(self, backend: str, address: int | None = None) -> Pool:
        """The pool for one more request: that of the address whose turn it is, or of the one with this number."""
        pool = self._pools[backend]
        if isinstance(pool, Balanced):
            return pool.choose() if address is None else pool.at(address)
        return pool

    def addresses(self, backend: str) -> tuple[Address, ...]:
        """Where a backend listens."""
        return self._addresses[backend]

    def balancer(self, backend: str) -> Balancer | None:
        """What is told how well the addresses of a backend are, by their numbers; None if it has one only."""
        pool = self._pools[backend]
        return pool.balancer if isinstance(pool, Balanced) else None

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


def _pool(addresses: tuple[Address, ...], settings: PoolSettings, ticker: Ticker) -> Pool | Balanced:
    return Balanced(addresses, settings, ticker) if len(addresses) > 1 else Pool(addresses[0], settings, ticker)


def _addresses(backend: Backend, context: ssl.SSLContext | None) -> tuple[Address, ...]:
    places = backend.addresses or ((backend.host, backend.port),)
    if backend.scheme != "https":
        return tuple([Address(host, port) for host, port in places])
    named = backend.tls.server_name if backend.tls is not None else None
    context = context or client_context(backend.tls, Path())
    return tuple([Address(host, port, context, (named or host).rstrip(".")) for host, port in places])


def _settings(backend: Backend) -> PoolSettings:
    return PoolSettings(
        max_connections=backend.pool.max_connections,
        max_pending=backend.pool.max_pending,
        idle_timeout=backend.pool.idle_timeout,
        connect_timeout=backend.timeouts.connect,
    )


def authority(backend: Backend, address: Address) -> bytes:
    """What Host says to one address of a backend, if it is to be told its own."""
    host = f"[{address.host}]" if ":" in address.host else address.host
    usual = {"http": 80, "https": 443}[backend.scheme]
    return (host if address.port == usual else f"{host}:{address.port}").encode()
