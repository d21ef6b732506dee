"""An upstream for GETs, small enough not to be what is measured. Law of this file: it imports nothing of ours.

Modes: `plain` answers 200 with the file, `garbage` with bytes that are not HTTP; both after --delay seconds.
"""

import argparse
import asyncio
from pathlib import Path
from typing import cast

END = b"\r\n\r\n"
GARBAGE = b"\x00\xff this is not HTTP \r\n\r\n{]"


def answer(mode: str, body: bytes) -> bytes:
    """The bytes of one answer."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return GARBAGE if mode == "garbage" else head.encode() + body


class Upstream(asyncio.Protocol):
    """Counts the ends of request heads; a GET has no body, so each is one request."""

    def __init__(self, reply: bytes, delay: float) -> None:
        self.reply, self.delay, self.rest = reply, delay, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.rest += data
        count = self.rest.count(END)
        if count:
            self.rest = self.rest[self.rest.rindex(END) + len(END) :]
            self.send_later(self.reply * count)

    def send_later(self, data: bytes) -> None:
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, self.transport.write, data)
        else:
            self.transport.write(data)


async def serve(port: int, reply: bytes, delay: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Upstream(reply, delay), "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--mode", choices=("plain", "garbage"), default="plain")
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--body", type=Path, required=True)
    options = parser.parse_args()
    serving = serve(options.port, answer(options.mode, options.body.read_bytes()), options.delay)
    try:
        import uvloop as loop_maker
    except ImportError:
        asyncio.run(serving)
    else:
        loop_maker.run(serving)


if __name__ == "__main__":
    main()
