"""Clients and upstreams that take little or nothing, and a look at what waits for them.

Law of this file: sockets here have small buffers, so that what is not taken waits in the proxy and can be counted.
"""

import asyncio
import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from proxy.http1.pool import Pool
from proxy.http1.server import ServerConnection
from proxy.routing.table import Limits, Timeouts
from proxy.runtime.metering import Metering
from proxy.runtime.upstreams import Upstreams
from tests.support.proxying import Proxied
from tests.support.wire import exchange

SMALL = 64 * 1024
READ = 256 * 1024
"""What a loop reads from a socket at most before it looks at the others."""
PATIENT = Timeouts(1.0, 10.0, 10.0)
MUCH = Limits(body_bytes=100_000_000)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def sized(length: int, status: bytes = b"200 OK") -> bytes:
    """A whole answer with a body of `length` bytes."""
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n" % (status, length) + b"x" * length


@contextmanager
def dialled(port: int, buffer: int = SMALL) -> Iterator[socket.socket]:
    """A client that reads only when it is told to."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
        client.connect(("127.0.0.1", port))
        client.setblocking(False)
        yield client


@contextmanager
def listening(buffer: int = SMALL) -> Iterator[socket.socket]:
    """An upstream that reads only when it is told to; `accept` gives its connections."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        server.bind(("127.0.0.1", 0))
        server.listen(10)
        server.setblocking(False)
        yield server


def port_of(server: socket.socket) -> int:
    port: int = server.getsockname()[1]
    return port


async def accept(server: socket.socket) -> socket.socket:
    async with asyncio.timeout(5):
        connection, _ = await asyncio.get_running_loop().sock_accept(server)
        return connection


async def received(sock: socket.socket, until: bytes) -> bytes:
    """What comes, up to where it contains `until`."""
    got = b""
    async with asyncio.timeout(5):
        while until not in got:
            data = await asyncio.get_running_loop().sock_recv(sock, 65536)
            assert data, f"the connection ended after {got!r}"
            got += data
    return got


async def taken(sock: socket.socket, size: int) -> int:
    """Reads until at least `size` bytes have come; how many did."""
    got = 0
    async with asyncio.timeout(10):
        while got < size:
            data = await asyncio.get_running_loop().sock_recv(sock, 100_000)
            assert data, f"the connection ended after {got} of {size} bytes"
            got += len(data)
    return got


async def drained(sock: socket.socket) -> tuple[bytes, int]:
    """What comes up to the end, and how it ends: an errno, or 0 for an ordinary end."""
    got = bytearray()
    async with asyncio.timeout(10):
        try:
            while data := await asyncio.get_running_loop().sock_recv(sock, 1 << 20):
                got += data
        except ConnectionError as fault:
            assert fault.errno in (errno.ECONNRESET, errno.EPIPE)
            return bytes(got), fault.errno
    return bytes(got), 0


async def turns(proxy: Proxied) -> None:
    """Others are answered meanwhile, so what could still move has moved."""
    for _ in range(30):
        assert (await exchange(proxy.port, b"nonsense\r\n\r\n")).startswith(b"HTTP/1.1 400")


def pool(proxy: Proxied) -> Pool:
    assert isinstance(proxy.gateway.upstreams, Upstreams)
    return proxy.gateway.upstreams.pool("monolith")


def waiting(connection: ServerConnection) -> tuple[int, int]:
    """Bytes that wait in the proxy: to be read by the client, and to be read as its next requests."""
    return connection._outlet.unsent, len(connection._buffer)


def upstream_waiting(proxy: Proxied) -> int:
    """Bytes that wait in the proxy to be read by the upstream."""
    return sum(connection._outlet.unsent for connection in pool(proxy)._all)


def inflight(proxy: Proxied) -> float:
    """The gauge that operators see."""
    assert isinstance(proxy.gateway.meter, Metering)
    proxy.gateway.meter.publish()
    [value] = [each.value for each in proxy.registry.snapshot().gauges if each.name == "strangler_inflight"]
    return value
