"""A proxy worker: takes connections from the shared listening sockets, carries requests, offers copies to the channel.

Law of this file: nothing here waits for the runner, the store or the control process.
"""

import asyncio
import gc
import os
import resource
import socket
from functools import partial
from pathlib import Path
from time import time
from typing import Final

from proxy.channel.local import LocalSender
from proxy.channel.tally import Tally
from proxy.config.load import loads
from proxy.gateway.gateway import Gateway
from proxy.http1.head import Malformed
from proxy.http1.server import ServerConnection
from proxy.http1.serving import ServerSettings
from proxy.http1.ticker import Ticker
from proxy.routing.table import RouteTable
from proxy.runtime.entry import Child
from proxy.runtime.ids import exchange_ids, life
from proxy.runtime.lag import TASKS, watch_lag
from proxy.runtime.metering import Metering, publish
from proxy.runtime.tls import FLUSH, HANDSHAKE, Contexts
from proxy.runtime.upstreams import Upstreams
from proxy.store.record import COPIES, LOST, TAKEN

TALLY_EVERY: Final = 1.0


async def work(child: Child) -> None:
    """Serves until the child is told to stop, then drains."""
    _raise_file_limit()
    table = loads(child.start.config_text, child.start.config_name, os.environ)
    ticker = Ticker(asyncio.get_running_loop())
    tls = Contexts(table, Path(child.start.config_name).parent, listening=True)
    upstreams = Upstreams(table.backends, ticker, tls.backends)
    channel = LocalSender(Path(child.start.channel))
    metering = Metering(child.registry)
    gateway = Gateway(table, upstreams, channel, metering, ticker.turn, exchange_ids(time, os.urandom))
    connections: set[ServerConnection] = set()
    channel.start()
    servers = await _listen(child, gateway, ticker, connections, tls)
    seen: dict[str, int] = {}
    source = life(child.name, os.urandom)

    def before_reading() -> None:
        metering.publish()
        publish(child.registry, channel.dropped, seen)
        child.registry.set("strangler_channel_up", (), float(channel.connected))
        child.registry.set("strangler_config_info", (table.hash,), 1.0)
        child.registry.set(TASKS, (), len(asyncio.all_tasks()))

    child.before_reading = before_reading
    tallying = asyncio.get_running_loop().create_task(_tally(child, channel, source))
    watching = asyncio.get_running_loop().create_task(watch_lag(child.registry.observe))
    following = asyncio.get_running_loop().create_task(tls.follow(child.reloaded))
    gc.freeze()
    child.ready(table.hash)
    await child.stopping.wait()
    for server in servers:
        server.close()
    await _drain(connections, child.drain)
    tallying.cancel()
    watching.cancel()
    following.cancel()
    ticker.turn.settle()
    channel.send_tally(_counts(child, channel, source))
    await channel.close()
    await upstreams.close()


async def _listen(
    child: Child, gateway: Gateway, ticker: Ticker, connections: set[ServerConnection], tls: Contexts
) -> list[asyncio.Server]:
    def refuse(connection: ServerConnection, fault: Malformed) -> None:
        gateway.refuse(connection, fault.status, fault.detail)

    settings = server_settings(gateway.table, child.start.connections)
    factory = partial(ServerConnection, gateway.passage, refuse, settings, ticker, connections)
    loop = asyncio.get_running_loop()
    return [
        await loop.create_server(
            factory,  # type: ignore[arg-type]  # see server.py
            sock=socket.socket(fileno=fd),
            ssl=context,
            ssl_handshake_timeout=HANDSHAKE if context else None,
            ssl_shutdown_timeout=FLUSH if context else None,
        )
        for fd, context in zip(child.start.listeners, tls.listeners, strict=True)
    ]


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


async def _drain(connections: set[ServerConnection], seconds: float) -> None:
    """Lets the requests at hand finish; what is not finished in time is cut."""
    deadline = asyncio.get_running_loop().time() + seconds
    for connection in list(connections):
        connection.drain()
    while connections and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.02)  # a look at 50 a second is all that a drain costs
    for connection in list(connections):
        connection.abort()


async def _tally(child: Child, channel: LocalSender, source: str) -> None:
    while True:
        await asyncio.sleep(TALLY_EVERY)
        channel.send_tally(_counts(child, channel, source))


def _counts(child: Child, channel: LocalSender, source: str) -> Tally:
    """What the store keeps of this worker's counts, so that a report can say what was dropped, and what is missing."""
    child.before_reading()
    counters = child.registry.snapshot().counters
    dropped = [("dropped", each.labels[0], each.value) for each in counters if each.name == "strangler_dropped_total"]
    copies = ((COPIES, TAKEN, channel.taken), (COPIES, LOST, channel.lost))
    return Tally(source, time(), (*dropped, *copies))
