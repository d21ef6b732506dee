"""The switch to WebSocket: what each side says and is told, and sockets on both sides of a proxy that have switched."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.end_to_end.both_loops import until
from tests.end_to_end.pressing import PATIENT, accept, dialled, listening, pool, port_of, received
from tests.support.proxying import Proxied, proxied, table

OFFER = (
    b"GET /chat?a=%20b HTTP/1.1\r\nHost: a.example\r\nUpgrade: WebSocket\r\nConnection: keep-alive, UPGRADE\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
PASSED_ON = (
    b"GET /chat?a=%20b HTTP/1.1\r\nHost: a.example\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.example\r\nVia: 1.1 strangler\r\n"
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
)
SWITCH = (
    b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: WEBSOCKET\r\nContent-Length: 0\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nX-A: 1\r\n\r\n"
)
SWITCHED = (
    b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nX-A: 1\r\n"
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno\n"
NEXT = b"GET /next HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"


@asynccontextmanager
async def between(folder: Path, **backend: object) -> AsyncIterator[tuple[Proxied, socket.socket, socket.socket]]:
    """A proxy, its client's socket, and where its upstream listens."""
    with listening() as server:
        routes = table(port_of(server), timeouts=PATIENT, **backend)  # type: ignore[arg-type]
        async with proxied(routes, folder) as proxy:
            with dialled(proxy.port) as client:
                yield proxy, client, server


@asynccontextmanager
async def tunnelled(folder: Path, **backend: object) -> AsyncIterator[tuple[Proxied, socket.socket, socket.socket]]:
    """A proxy, and the sockets of the client and of the upstream that have switched."""
    async with between(folder, **backend) as (proxy, client, server):
        await say(client, OFFER)
        with await accept(server) as far:
            assert await received(far, b"\r\n\r\n") == PASSED_ON
            await say(far, SWITCH)
            assert await received(client, b"\r\n\r\n") == SWITCHED
            yield proxy, client, far


async def say(sock: socket.socket, data: bytes) -> None:
    async with asyncio.timeout(20):
        await asyncio.get_running_loop().sock_sendall(sock, data)


def sides(side: str, client: socket.socket, far: socket.socket) -> tuple[socket.socket, socket.socket]:
    return (client, far) if side == "client" else (far, client)


def counted(proxy: Proxied) -> dict[tuple[str, ...], int]:
    return proxy.counted("strangler_requests_total")


async def over(proxy: Proxied) -> None:
    await until(lambda: not proxy.connections and pool(proxy).size == 0, "both connections are gone")
