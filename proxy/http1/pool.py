"""The keep-alive connections to one upstream.

Law of this file: at most `max_connections` are open and at most `max_pending` wait for one; whoever is beyond both, or
waits longer than a connect may take, is told so at once and nothing of its request has been sent. The youngest idle
connection is used first, and an idle one is closed after `idle_timeout`, before the upstream does it (gunicorn: 2 s,
uvicorn: 5 s).
"""

import asyncio
import os
import socket
import ssl
from collections import deque
from dataclasses import dataclass
from typing import Protocol, cast

from proxy.http1.client import ClientConnection
from proxy.http1.ticker import NEVER, Ticker
from proxy.messages import Failure, FailureKind


class Waiter(Protocol):
    """Who asked for a connection: gets one, or a failure, exactly once."""

    def connected(self, connection: ClientConnection) -> None: ...
    def response_failed(self, failure: Failure) -> None: ...


@dataclass(frozen=True, slots=True)
class Address:
    """Where the upstream listens. `tls`: what its certificate is verified with, against `server_name`."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    server_name: str | None = None


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """Bounds of one pool; times in seconds."""

    max_connections: int = 200
    max_pending: int = 400
    idle_timeout: float = 1.5
    connect_timeout: float = 1.0


class Pool:
    """Connections to one address for one purpose."""

    def __init__(self, address: Address, settings: PoolSettings, ticker: Ticker) -> None:
        self._address = address
        self._settings = settings
        self.ticker = ticker
        self._idle: list[ClientConnection] = []
        self._waiters: deque[tuple[float, Waiter]] = deque()
        self._connecting: set[asyncio.Task[None]] = set()
        self._all: set[ClientConnection] = set()
        self._closed = self._retired = False
        self.deadline = NEVER
        ticker.watch(self)

    @property
    def size(self) -> int:
        return len(self._all) + len(self._connecting)

    def acquire(self, waiter: Waiter, *, fresh: bool = False) -> ClientConnection | None:
        """An idle connection now, or None: then the waiter is called once. `fresh`: none of those that idle now."""
        while self._idle and not fresh:
            connection = self._idle.pop()
            if connection.quiet:
                return connection
            connection.close()
        if len(self._waiters) >= self._settings.max_pending + self._settings.max_connections - len(self._all):
            detail = f"{self._settings.max_connections} connections busy and {len(self._waiters)} requests waiting"
            waiter.response_failed(Failure(FailureKind.POOL_FULL, False, detail))
            return None
        if self._retired:
            self.ticker.watch(self)
        self._waiters.append((self.ticker.now() + self._settings.connect_timeout, waiter))
        self.deadline = self._waiters[0][0]
        self._open_more()
        return None

    def give_back(self, connection: ClientConnection) -> None:
        """A connection that its waiter did not use."""
        self._released(connection, connection.open)

    def forget(self, waiter: Waiter) -> None:
        """The waiter has gone."""
        self._waiters = deque(each for each in self._waiters if each[1] is not waiter)
        self._rest()

    def expire(self) -> None:
        now = self.ticker.now()
        while self._waiters and self._waiters[0][0] <= now:
            waiter = self._waiters.popleft()[1]
            kind = FailureKind.CONNECT_TIMEOUT if self._connecting else FailureKind.POOL_FULL
            detail = f"no connection within {self._settings.connect_timeout:g} s"
            waiter.response_failed(Failure(kind, False, detail))
        self.deadline = self._waiters[0][0] if self._waiters else NEVER
        self._rest()

    def retire(self) -> None:
        """No table in force names this pool any more: it serves whom it has, and keeps no connection beyond that."""
        self._retired = True
        for connection in list(self._idle):
            connection.close()
        self._rest()

    async def close(self) -> None:
        self._closed = True
        self.ticker.forget(self)
        for connection in list(self._all):
            connection.close()
        for task in list(self._connecting):
            task.cancel()
        await asyncio.gather(*self._connecting, return_exceptions=True)

    def _open_more(self) -> None:
        if len(self._connecting) < len(self._waiters) and self.size < self._settings.max_connections:
            task = asyncio.get_running_loop().create_task(self._connect())
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)

    async def _connect(self) -> None:
        """One more connection, for whoever has waited longest by then."""
        outcome = await self._dial()
        self._connecting.discard(cast("asyncio.Task[None]", asyncio.current_task()))
        if isinstance(outcome, ClientConnection):
            self._all.add(outcome)
            self._released(outcome, outcome.open)
        elif self._waiters:
            self._waiters.popleft()[1].response_failed(outcome)
            self._open_more()
        self._rest()

    async def _dial(self) -> ClientConnection | Failure:
        where = f"{self._address.host}:{self._address.port}"
        tls = self._address.tls
        try:
            async with asyncio.timeout(self._settings.connect_timeout):
                _, connection = await asyncio.get_running_loop().create_connection(  # type: ignore[type-var]  # see client.py
                    lambda: ClientConnection(self.ticker, self._released),
                    self._address.host,
                    self._address.port,
                    ssl=tls,
                    server_hostname=self._address.server_name if tls else None,
                    ssl_handshake_timeout=self._settings.connect_timeout * 2 if tls else None,  # ours comes first
                )
        except TimeoutError:
            detail = f"{where}: no connection within {self._settings.connect_timeout:g} s"
            return Failure(FailureKind.CONNECT_TIMEOUT, False, detail)
        except OSError as fault:
            return Failure(FailureKind.REFUSED, False, f"{where}: {_reason(fault)}")
        return connection

    def _released(self, connection: ClientConnection, reusable: bool) -> None:
        if reusable and not self._closed:
            self._offer(connection)
            return
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        connection.close()
        if self._waiters and not self._closed:
            self._open_more()
        self._rest()

    def _rest(self) -> None:
        """A retired pool that has nobody to serve needs no clock."""
        if self._retired and not self._all and not self._connecting and not self._waiters:
            self.ticker.forget(self)

    def _offer(self, connection: ClientConnection) -> None:
        if self._waiters:
            asyncio.get_running_loop().call_soon(self._hand_over, connection)
        else:
            self._keep(connection)

    def _hand_over(self, connection: ClientConnection) -> None:
        """A moment later, so that an upstream that closed after its answer is seen to have closed.

        What a new TLS connection has to be read are its session tickets, and not what nobody asked for.
        """
        fresh = self._address.tls is not None and connection.served == 0
        if not (connection.open if fresh else connection.quiet):
            self._released(connection, False)
        elif self._waiters:
            self._waiters.popleft()[1].connected(connection)
        else:
            self._keep(connection)

    def _keep(self, connection: ClientConnection) -> None:
        if self._closed or self._retired:
            connection.close()
        else:
            connection.deadline = self.ticker.now() + self._settings.idle_timeout
            self._idle.append(connection)


def _reason(fault: OSError) -> str:
    """Why there is no connection, in the words of the system or of TLS."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return f"certificate verify failed: {fault.verify_message.rstrip('.')}"
    if isinstance(fault, ssl.SSLError):
        return f"the TLS handshake failed: {(fault.reason or 'no reason given').lower().replace('_', ' ')}"
    if isinstance(fault, socket.gaierror) or fault.errno is None:
        ended = isinstance(fault, ConnectionError)
        return fault.strerror or ("the connection ended during the TLS handshake" if ended else type(fault).__name__)
    return os.strerror(fault.errno)
