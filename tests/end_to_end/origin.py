"""A payments server of few words, as a process: answers that are the same at each call, or wrong in the way it is told
to.

Law of this file: it imports nothing of ours, and no answer holds a time or a random byte.
"""

import argparse
import asyncio
import json
import sys

BIG = json.dumps({"rows": [{"id": f"pay_{i:08d}", "amount": "10.00"} for i in range(6000)]}).encode()
SMALL = b'{"id": "pay_00000001", "amount": "10.00", "currency": "EUR", "refunded_at": null}'
WRONG = b'{"id": "pay_00000001", "amount": "10.01", "currency": "EUR"}'


def answer(method: bytes, path: bytes, body: bytes, small: bytes) -> bytes:
    """The bytes of one answer; a body is left out for HEAD."""
    match path:
        case b"/chunked":
            return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n3\r\nefg\r\n0\r\n\r\n"
        case b"/empty":
            return b"HTTP/1.1 204 No Content\r\nX-Empty: yes\r\n\r\n"
        case b"/missing":
            return _sized(b"404 Not Found", b'{"error": "no such payment"}', method)
        case b"/odd":
            fields = b"X-a: 1\r\nX-A: \xff\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
            return b"HTTP/1.1 299 Odd Reason\r\n" + fields + b"Content-Length: 0\r\n\r\n"
        case b"/big":
            return _sized(b"200 OK", BIG, method)
        case b"/echo":
            return _sized(b"201 Created", body, method)
    return _sized(b"200 OK", small, method)


def _sized(status: bytes, body: bytes, method: bytes) -> bytes:
    head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
    return head if method == b"HEAD" else head + body


async def read_body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        body = b""
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
        return body
    if b"content-length: " in lower:
        return await reader.readexactly(int(lower.split(b"content-length: ")[1].split(b"\r\n")[0]))
    return b""


async def converse(mode: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, _ = head.split(b"\r\n")[0].split(b" ")
            body = await read_body(reader, head)
            if mode == "slow":
                await asyncio.sleep(5)
            small = WRONG if mode == "wrong" else SMALL
            path = target.partition(b"?")[0]
            writer.write(b"\x00\xff not HTTP\r\n\r\n" if mode == "garbage" else answer(method, path, body, small))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--mode", choices=("right", "wrong", "slow", "garbage"), default="right")
    options = parser.parse_args()
    server = await asyncio.start_server(lambda r, w: converse(options.mode, r, w), "127.0.0.1", options.port)
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
