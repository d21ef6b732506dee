"""The two ends around a proxy that speaks TLS: an upstream that asks for it, clients that check what they are shown.

Law of this file: both are the standard library's own TLS; nothing of the proxy is used.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.certificates import Pair
from tests.support.wire import Conversation, read_request


@dataclass
class SecureUpstream:
    """What an upstream that speaks TLS saw. `names`: the SNI of each handshake; `shown`: subjects of clients."""

    port: int = 0
    names: list[str | None] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def secure_upstream(
    pair: Pair, *, clients: Path | None = None, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
) -> AsyncIterator[SecureUpstream]:
    """Answers each request with its body's length and its first bytes. `clients`: the CA that it asks clients for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = newest
    context.load_cert_chain(pair.certificate, pair.key)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)
    seen = SecureUpstream()
    context.sni_callback = lambda _, name, __: seen.names.append(name)
    server = await asyncio.start_server(_conversation(seen), "127.0.0.1", 0, ssl=context, limit=1 << 24)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()


def _conversation(seen: SecureUpstream) -> Conversation:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        shown = writer.get_extra_info("peercert")
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                request = await read_request(reader)
                seen.requests.append(request)
                if shown:
                    seen.shown.append(shown["subject"][0][0][1])
                body = request.partition(b"\r\n\r\n")[2] or b"ok"
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
        writer.close()

    return converse


def trusting(authority: Path, shown: Pair | None = None) -> ssl.SSLContext:
    """A client that trusts this CA alone, and shows a certificate if it has one."""
    context = ssl.create_default_context(cafile=str(authority))
    if shown is not None:
        context.load_cert_chain(shown.certificate, shown.key)
    return context


@dataclass
class Kept:
    """One connection that is kept."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def serial(self) -> str:
        """Of the certificate that the server showed."""
        return str(self.writer.get_extra_info("peercert")["serialNumber"])

    async def get(self, path: str = "/") -> bytes:
        """The whole answer to a GET."""
        self.writer.write(b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path.encode())
        async with asyncio.timeout(10):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            return head + await self.reader.readexactly(length)

    def close(self) -> None:
        self.writer.transport.abort()


async def connected(port: int, context: ssl.SSLContext) -> Kept:
    async with asyncio.timeout(15):
        return Kept(*await asyncio.open_connection("127.0.0.1", port, ssl=context))


async def serial(port: int, context: ssl.SSLContext) -> str:
    """Of the certificate that a new connection is shown."""
    connection = await connected(port, context)
    connection.close()
    return connection.serial
