"""A proxy worker: takes connections from the shared listening sockets, carries requests, offers copies to the channel.

Law of this file: nothing here waits for the runner, the store or the control process.
"""

import asyncio
import gc
import logging
import os
import random
import resource
import socket
from pathlib import Path
from time import monotonic, time
from typing import Final

from proxy.channel.local import LocalSender
from proxy.channel.tally import LOST_WRITE_AT, Tally
from proxy.claims.client import ClaimsClient
from proxy.claims.journal import Journal, folder_beside
from proxy.gateway.breaker import Breakers, Probe
from proxy.gateway.claiming import Claiming
from proxy.gateway.gateway import Gateway
from proxy.http1.line import Malformed
from proxy.http1.server import ServerConnection
from proxy.http1.serving import ServerSettings
from proxy.http1.ticker import Ticker
from proxy.redaction import load_or_create_key
from proxy.routing.table import RouteTable
from proxy.runtime.adopting import Adopting
from proxy.runtime.entry import Child
from proxy.runtime.guarding import needs
from proxy.runtime.health import HealthChecks
from proxy.runtime.ids import exchange_ids, life
from proxy.runtime.lag import TASKS, watch_lag
from proxy.runtime.link import Breakers as Standing
from proxy.runtime.link import Certain, Message, Probed, Tripped
from proxy.runtime.metering import Metering, publish
from proxy.runtime.storing import claims_file, node_of
from proxy.runtime.tls import FLUSH, HANDSHAKE, Contexts
from proxy.runtime.upstreams import Upstreams
from proxy.store.record import COPIES, LOST, TAKEN

TALLY_EVERY: Final = 1.0
DRAIN_LOOKS: Final = 0.02
"""Seconds between two looks at the connections that are left: 50 a second is all that a drain costs."""

_log = logging.getLogger(__name__)


async def work(child: Child) -> None:
    """Serves until the child is told to stop, then drains."""
    _raise_file_limit()
    loop = asyncio.get_running_loop()
    worker = Worker(child, loop)
    servers = await worker.listen()
    tasks = [
        loop.create_task(each)
        for each in (
            worker.tell(),
            watch_lag(child.registry.observe),
            worker.tls.follow(child.reloaded),
            worker.tables.follow(),
        )
    ]
    gc.freeze()
    child.ready(worker.gateway.table.hash)
    await child.stopping.wait()
    for server in servers:
        server.close()
    await drain(worker.connections, child.drain)
    for task in tasks:
        task.cancel()
    await worker.end()


class Worker:
    """All that one worker has, and how it takes the next table."""

    def __init__(self, child: Child, loop: asyncio.AbstractEventLoop) -> None:
        self._child = child
        self._seen: dict[str, int] = {}
        self._certain = child.start.certain
        self._source = life(child.name, os.urandom)
        self.breakers = Breakers(self._tripped, self._probed, monotonic, child.start.workers)
        self.breakers.stand(child.start.open, {})
        self.tables = Adopting(child, self.adopt)
        child.on_message = self._hear
        table = self.tables.first()
        self.ticker = Ticker(loop)
        self.tls = Contexts(table, Path(child.start.config_name).parent, listening=True)
        self.upstreams = Upstreams(table.backends, self.ticker, self.tls.backends)
        self.channel = LocalSender(Path(child.start.channel))
        self.metering = Metering(child.registry)
        new_id = exchange_ids(time, os.urandom)
        self.gateway = Gateway(
            table, self.upstreams, self.channel, self.metering, self.ticker.turn, new_id, self.breakers
        )
        self.claims: ClaimsClient | None = None
        self._follow_claims(table)
        self.health = HealthChecks(self.ticker, random.random, self._well)
        self.health.follow(table.backends, self.upstreams)
        self.settings = server_settings(table, child.start.connections)
        self.connections: set[ServerConnection] = set()
        self.channel.start()
        child.before_reading = self.publish

    def adopt(self, table: RouteTable) -> None:
        """From now on requests begin with this table, and connections with its limits. CertificateFault: nothing is
        changed.
        """
        self.tls.adopt(self.tls.prepared(table))
        self.upstreams = self.upstreams.followed_by(table.backends, self.tls.backends)
        self.health.follow(table.backends, self.upstreams)
        self._follow_claims(table)
        self.gateway.adopt(table, self.upstreams)
        self.settings = server_settings(table, self._child.start.connections)

    def _follow_claims(self, table: RouteTable) -> None:
        """From the first table on that has something to claim, claims are made."""
        start = self._child.start
        if self.claims is not None or not needs(table):
            return
        path = Path(start.claims)
        life = f"{node_of(path)}.{self._source}"
        journal = Journal(folder_beside(claims_file(start.store)), life)
        self.claims = ClaimsClient(path, life, journal, self.metering.claimed)
        self.claims.certain = self._certain
        self.claims.start()
        self.gateway.begin_claims(Claiming(self.claims, load_or_create_key(start.key_file), self.metering))

    async def listen(self) -> list[asyncio.Server]:
        loop = asyncio.get_running_loop()
        return [
            await loop.create_server(
                self._connection,  # type: ignore[arg-type]  # see server.py
                sock=socket.socket(fileno=fd),
                ssl=context,
                ssl_handshake_timeout=HANDSHAKE if context else None,
                ssl_shutdown_timeout=FLUSH if context else None,
            )
            for fd, context in zip(self._child.start.listeners, self.tls.listeners, strict=True)
        ]

    def publish(self) -> None:
        """Puts what is counted elsewhere into the registry."""
        registry = self._child.registry
        self.metering.publish()
        publish(registry, self.channel.dropped, self._seen)
        registry.set("strangler_channel_up", (), float(self.channel.connected))
        registry.set_only("strangler_config_info", (self.gateway.table.hash,), 1.0)
        registry.set("strangler_tunnels", (), self.ticker.tunnels)
        registry.set(TASKS, (), len(asyncio.all_tasks()))
        if self.claims is not None:
            registry.set("strangler_claims_up", (), float(self.claims.connected))
            registry.set("strangler_claims_alone", (), self.claims.alone)

    async def tell(self) -> None:
        """Sends the counts over the channel, so that the store has them, until cancelled."""
        while True:
            await asyncio.sleep(TALLY_EVERY)
            self.channel.send_tally(self._counts())

    async def end(self) -> None:
        self.ticker.turn.settle()
        self.channel.send_tally(self._counts())
        if self.claims is not None:
            await self.claims.close()
        await self.channel.close()
        await self.health.close()
        await self.upstreams.close()

    def _hear(self, message: Message) -> None:
        if isinstance(message, Standing):
            self.breakers.stand(message.open, message.probes)
        elif isinstance(message, Certain):
            self._certain = message.system
            if self.claims is not None:
                self.claims.certain = message.system
        else:
            self.tables.hear(message)

    def _well(self, backend: str, address: str, healthy: bool) -> None:
        _log.log(
            logging.INFO if healthy else logging.WARNING,
            "backend %s at %s %s its health checks",
            *(backend, address, "answers" if healthy else "does not answer"),
        )
        self._child.registry.set("strangler_backend_healthy", (backend, address), float(healthy))

    def _tripped(self, route: str, why: str) -> None:
        self._child.link.send(Tripped(route, why))

    def _probed(self, route: str, number: int, what: Probe) -> None:
        self._child.link.send(Probed(route, number, what))

    def _connection(self) -> ServerConnection:
        return ServerConnection(self.gateway.passage, self._refuse, self.settings, self.ticker, self.connections)

    def _refuse(self, connection: ServerConnection, fault: Malformed) -> None:
        self.gateway.refuse(connection, fault.status, fault.detail)

    def _counts(self) -> Tally:
        """What the store keeps of this worker's counts, so that a report can say what was dropped, and is missing."""
        self.publish()
        counters = self._child.registry.snapshot().counters
        dropped = [
            ("dropped", each.labels[0], each.value) for each in counters if each.name == "strangler_dropped_total"
        ]
        copies = ((COPIES, TAKEN, self.channel.taken), (COPIES, LOST, self.channel.lost))
        gap = ((LOST_WRITE_AT, "", int(self.channel.lost_write_at * 1000)),) if self.channel.lost_write_at else ()
        return Tally(self._source, time(), (*dropped, *copies, *gap))


def server_settings(table: RouteTable, connections: int) -> ServerSettings:
    limits = table.limits
    return ServerSettings(
        header_bytes=limits.header_bytes,
        request_line=limits.request_line,
        headers=limits.headers,
        connections=connections,
    )


def _raise_file_limit() -> None:
    """As many file descriptors as we may have: each connection needs one on each side."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def drain(connections: set[ServerConnection], seconds: float) -> None:
    """Lets the requests at hand finish; what is not finished in time is cut.

    A connection that was accepted just before the sockets were closed joins the set some turns of the loop later: each
    look tells those that came since the last one, and there is always one look more.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    told: set[ServerConnection] = set()
    while True:
        for connection in connections - told:
            connection.drain()
            told.add(connection)
        await asyncio.sleep(DRAIN_LOOKS)
        if not connections or loop.time() >= deadline:
            break
    for connection in list(connections):
        connection.abort()
