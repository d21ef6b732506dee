"""WebSocket over TLS, on either side of the proxy. There an EOF ends both ways: asyncio knows no other over TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from proxy.http1.outlet import reset
from proxy.routing.route import BackendTls
from tests.end_to_end.both_loops import on_both_loops, until
from tests.end_to_end.pressing import READ, pool
from tests.end_to_end.securing import trusting
from tests.end_to_end.switching import OFFER, SWITCH, SWITCHED
from tests.end_to_end.test_tls import LISTENER, install, routes, working
from tests.support.certificates import Authority
from tests.support.ports import free_port
from tests.support.proxying import Proxied, proxied, table

MUCH = bytes(range(256)) * (1 << 14)


class Upstream:
    """Switches, says welcome, and does what the client's first line says. `seen`: what it was sent after that line."""

    def __init__(self) -> None:
        self.seen = bytearray()
        self.ended = False

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(SWITCH + b"welcome")
        what = await reader.readline()
        if what == b"end\n":
            writer.write(MUCH)
            await writer.drain()
        elif what == b"reset\n":
            reset(writer.transport)  # type: ignore[arg-type]
            return
        while what == b"echo\n" and (data := await reader.read(READ)):
            self.seen += data
            writer.write(data)
            await writer.drain()
        self.ended = True
        writer.close()


@asynccontextmanager
async def secured(
    folder: Path, what: bytes
) -> AsyncIterator[tuple[Proxied, Upstream, asyncio.StreamReader, asyncio.StreamWriter]]:
    """A client that has switched, before an upstream that speaks TLS."""
    authority, scripted = Authority(folder / "authority"), Upstream()
    pair = authority.issue("upstream")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    server = await asyncio.start_server(scripted.converse, "127.0.0.1", 0, ssl=context)
    plain = table(server.sockets[0].getsockname()[1])
    backend = replace(plain.backends["monolith"], scheme="https", tls=BackendTls(ca=str(authority.certificate)))
    async with proxied(replace(plain, backends={**plain.backends, "monolith": backend}), folder) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(OFFER + what + b"\n")
        async with asyncio.timeout(20):
            assert await reader.readexactly(len(SWITCHED)) == SWITCHED
            assert await reader.readexactly(7) == b"welcome"
            yield proxy, scripted, reader, writer
        writer.close()
        await until(lambda: not proxy.connections and pool(proxy).size == 0, "both connections are gone")
    server.close()


@on_both_loops
async def test_bytes_go_both_ways(tmp_path: Path) -> None:
    async with secured(tmp_path, b"echo") as (_, scripted, reader, writer):
        writer.write(MUCH)
        assert await reader.readexactly(len(MUCH)) == MUCH
        assert scripted.seen == MUCH


@on_both_loops
async def test_an_upstream_that_ends_is_heard_to_its_end(tmp_path: Path) -> None:
    async with secured(tmp_path, b"end") as (_, _, reader, _):
        assert await reader.read(-1) == MUCH


@on_both_loops
async def test_an_upstream_that_resets_is_seen_to(tmp_path: Path) -> None:
    async with secured(tmp_path, b"reset") as (_, _, reader, _):
        with pytest.raises(ConnectionResetError):
            await reader.read()


@on_both_loops
async def test_a_client_that_ends_ends_it(tmp_path: Path) -> None:
    async with secured(tmp_path, b"echo") as (_, scripted, reader, writer):
        writer.write(b"heard")
        assert await reader.readexactly(5) == b"heard"
        writer.write_eof()
        assert await reader.read() == b""
        await until(lambda: scripted.ended, "the upstream has been told")


async def test_a_client_and_a_server_that_both_speak_tls(tmp_path: Path) -> None:
    authority, port_behind = Authority(tmp_path / "authority"), free_port()
    pair = authority.issue("both")
    install(tmp_path / "proxy", pair, "v1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)

    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            if message == "vanish":
                connection.transport.abort()
            await connection.send(message)

    backend = f"url: 'https://127.0.0.1:{port_behind}', tls: {{ca: '{authority.certificate}'}}"
    async with (
        asyncio.timeout(40),
        serve(echo, "127.0.0.1", port_behind, ssl=context, max_size=None) as server,
        working(tmp_path / "proxy", routes({"pay": backend}, listener=LISTENER % "")) as (_, port),
    ):
        url, trusted = f"wss://127.0.0.1:{port}/pay", trusting(authority.certificate)
        async with connect(url, ssl=trusted, proxy=None, max_size=None, compression=None) as asking:
            await asking.send(MUCH)
            assert await asking.recv() == MUCH
            await asking.close(4000, "enough")
            assert (asking.close_code, asking.close_reason) == (4000, "enough")
        async with connect(url, ssl=trusted, proxy=None) as asking:
            await asking.send("vanish")
            with pytest.raises(ConnectionClosed):
                await asking.recv()
            assert asking.close_code == 1006
        asking = await connect(url, ssl=trusted, proxy=None)
        asking.transport.abort()
        await until(lambda: not server.connections, "the server has been told")
