"""An upstream that fails as its path says. Law of this file: a right answer's body is the target of its request.

`/fault/KIND/ANYTHING` fails in the way of KINDS; `/big/ANYTHING` answers with BIG bytes; all else is right at once.
"""

import argparse
import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

BIG = 1 << 20
SLOW = 3.0
"""Seconds of a stall: longer than the proxy waits."""
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


def right(target: bytes) -> bytes:
    return _HEAD + b"Content-Length: %d\r\n\r\n" % len(target) + target


def chunked(target: bytes) -> bytes:
    return _HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(target), target)


KINDS: dict[bytes, tuple[Callable[[bytes], bytes], str]] = {
    b"none": (lambda target: b"", "close"),
    b"reset": (lambda target: b"", "reset"),
    b"stall": (lambda target: b"", "stall"),
    b"half-head": (lambda target: right(target)[:30], "close"),
    b"half-head-reset": (lambda target: right(target)[:30], "reset"),
    b"half-head-stall": (lambda target: right(target)[:30], "stall"),
    b"half-body": (lambda target: right(target)[:-3], "close"),
    b"half-body-reset": (lambda target: right(target)[:-3], "reset"),
    b"half-body-stall": (lambda target: right(target)[:-3], "stall"),
    b"half-chunk": (lambda target: chunked(target)[:-9], "close"),
    b"too-much": (lambda target: right(target) + b"garbage", "stay"),
    b"garbage": (lambda target: b"\x00\xff not HTTP\r\n\r\n", "stay"),
    b"bad-chunk": (lambda target: _HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + target, "stay"),
    b"until-close": (lambda target: _HEAD + b"\r\n" + target, "close"),
    b"whole-then-close": (right, "close"),
    b"whole-then-reset": (right, "reset"),
    b"chunked": (chunked, "stay"),
}
"""What is said, and what becomes of the connection."""


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            await _read_body(reader, head.lower())
            target = head.split(b" ", 2)[1]
            then = _answer(writer, target)
            await writer.drain()
            if then == "stall":
                await asyncio.sleep(SLOW)  # the fault itself
            if then == "reset":
                sock = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            if then != "stay":
                break
    writer.close()


def _answer(writer: asyncio.StreamWriter, target: bytes) -> str:
    parts = target.split(b"/")
    if parts[1] == b"fault":
        says, then = KINDS[parts[2]]
        writer.write(says(target))
        return then
    writer.write(right(target if parts[1] != b"big" else b"b" * BIG))
    return "stay"


async def _read_body(reader: asyncio.StreamReader, head: bytes) -> None:
    if b"transfer-encoding: chunked" in head:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    elif b"content-length: " in head:
        left = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
        while left:
            left -= len(await reader.readexactly(min(left, 65536)))


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    server = await asyncio.start_server(converse, "127.0.0.1", parser.parse_args().port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
