"""One proxy worker's inside, wired as runtime wires it: real sockets on both sides and the real channel."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic, time

from proxy.channel.local import LocalSender
from proxy.channel.receiver import LocalReceiver
from proxy.gateway.breaker import Breakers
from proxy.gateway.gateway import Gateway
from proxy.http1.line import Malformed
from proxy.http1.server import ServerConnection
from proxy.http1.serving import ServerSettings
from proxy.http1.ticker import Ticker
from proxy.messages import Exchange, Stage
from proxy.routing.table import Backend, Limits, Route, RouteTable, Shadowing, Timeouts
from proxy.runtime.ids import exchange_ids
from proxy.runtime.metering import Metering
from proxy.runtime.upstreams import Upstreams
from proxy.telemetry.registry import Registry


@dataclass
class Proxied:
    """A running gateway. `copy` waits for the next exchange that came out of the channel; `tripped`: routes that were
    left, and why.
    """

    port: int
    gateway: Gateway
    registry: Registry
    receiver: LocalReceiver
    sender: LocalSender
    connections: set[ServerConnection]
    tripped: list[tuple[str, str]]

    async def copy(self) -> Exchange:
        async with asyncio.timeout(5):
            message = await self.receiver.get()
        assert isinstance(message, Exchange)
        return message

    def counted(self, name: str) -> dict[tuple[str, ...], int]:
        return {each.labels: each.value for each in self.registry.snapshot().counters if each.name == name}


def table(
    legacy: int,
    *,
    stage: Stage = Stage.SHADOW,
    timeouts: Timeouts = Timeouts(1.0, 1.0, 1.0),
    shadowing: Shadowing = Shadowing(),
    limits: Limits = Limits(),
    **backend: object,
) -> RouteTable:
    """One route for all, `pay`, from a backend on 127.0.0.1:`legacy`; its candidate is never asked by a gateway in
    shadow.
    """
    primary = Backend("monolith", "http", "127.0.0.1", legacy, timeouts=timeouts, **backend)  # type: ignore[arg-type]
    candidate = Backend("payments", "http", "127.0.0.1", legacy, timeouts=timeouts)
    route = Route("pay", "monolith", "payments", stage, timeouts=timeouts, shadowing=shadowing)
    return RouteTable("t", (route,), {"monolith": primary, "payments": candidate}, {}, "hash", limits)


@asynccontextmanager
async def proxied(routes: RouteTable, folder: Path, settings: ServerSettings | None = None) -> AsyncIterator[Proxied]:
    """Serves `routes` on a free port; the channel's socket lies in `folder`."""
    loop = asyncio.get_running_loop()
    ticker, registry = Ticker(loop), Registry()
    folder.chmod(0o700)
    receiver = LocalReceiver(folder / "channel.sock")
    await receiver.start()
    sender = LocalSender(folder / "channel.sock", batch_seconds=0.001)
    sender.start()
    async with asyncio.timeout(5):
        while not sender.connected:
            await asyncio.sleep(0.005)
    upstreams = Upstreams(routes.backends, ticker)
    new_id = exchange_ids(time, lambda size: b"\x01" * size)
    tripped: list[tuple[str, str]] = []
    breakers = Breakers(lambda *told: tripped.append(told), lambda *_: None, monotonic)
    gateway = Gateway(routes, upstreams, sender, Metering(registry), ticker.turn, new_id, breakers)
    connections: set[ServerConnection] = set()

    def refuse(connection: ServerConnection, fault: Malformed) -> None:
        gateway.refuse(connection, fault.status, fault.detail)

    factory = partial(ServerConnection, gateway.passage, refuse, settings or ServerSettings(), ticker, connections)
    server = await loop.create_server(factory, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield Proxied(port, gateway, registry, receiver, sender, connections, tripped)
    finally:
        server.close()
        for connection in list(connections):
            connection.abort()
        await sender.close(0)
        await receiver.close()
        await upstreams.close()
