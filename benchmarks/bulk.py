"""An upstream for large bodies. Law of this file: it imports nothing of ours, and holds no body of its own.

GET /bulk/N answers N bytes; a body that is sent is read and thrown away, and its length is the answer; all else is
answered with the file. Half-way through a body that is sent it stops reading for STALL seconds.
"""

import argparse
import asyncio
import re
from contextlib import suppress
from pathlib import Path

STALL = 0.3
PIECE = bytes(64 * 1024)
LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)\r\n", re.IGNORECASE)
BULK = re.compile(rb"GET /bulk/(\d+) ")


def head(length: int) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n" % length


class Bulk:
    """Connections, one after the other request."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                await self.answer(await reader.readuntil(b"\r\n\r\n"), reader, writer)
                await writer.drain()
        writer.close()

    async def answer(self, asked: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        bulk, sent = BULK.match(asked), LENGTH.search(asked)
        if bulk:
            await give(writer, int(bulk[1]))
        elif sent:
            length = b"%d" % await take(reader, int(sent[1]))
            writer.write(head(len(length)) + length)
        else:
            writer.write(head(len(self.body)) + self.body)


async def give(writer: asyncio.StreamWriter, length: int) -> None:
    writer.write(head(length))
    for start in range(0, length, len(PIECE)):
        writer.write(PIECE[: length - start])
        await writer.drain()


async def take(reader: asyncio.StreamReader, length: int) -> int:
    """Reads `length` bytes; returns how many came."""
    taken, stalled = 0, False
    while taken < length:
        part = await reader.read(min(len(PIECE), length - taken))
        if not part:
            raise ConnectionError("the body ended early")
        taken += len(part)
        if taken >= length // 2 and not stalled:
            stalled = True
            await asyncio.sleep(STALL)  # what is measured: a reader that is late
    return taken


async def serve(port: int, body: bytes) -> None:
    server = await asyncio.start_server(Bulk(body).converse, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--body", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.body.read_bytes()))


if __name__ == "__main__":
    main()
