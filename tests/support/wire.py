"""Raw sockets for conversations: a scripted upstream, and a client that sends bytes and reads bytes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class ScriptedUpstream:
    """What a scripted upstream saw."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def upstream(conversation: Conversation) -> AsyncIterator[ScriptedUpstream]:
    """A server on a free port that holds `conversation` on each connection and closes it after."""
    seen = ScriptedUpstream()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await conversation(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """One request as bytes: its head, and a body of Content-Length or up to the last chunk."""
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    if b"\r\ntransfer-encoding: chunked" in lower:
        return head + await reader.readuntil(b"0\r\n\r\n")
    if b"\r\ncontent-length:" in lower:
        length = int(lower.split(b"\r\ncontent-length:")[1].split(b"\r\n")[0])
        return head + await reader.readexactly(length)
    return head


def answering(seen: list[bytes], answer: bytes | Callable[[bytes], bytes], *, close: bool = False) -> Conversation:
    """Reads requests into `seen` and answers each."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await read_request(reader)
            seen.append(request)
            writer.write(answer(request) if callable(answer) else answer)
            await writer.drain()
            if close:
                return

    return converse


async def exchange(port: int, *pieces: bytes, until: bytes | None = None, half_close: bool = False) -> bytes:
    """Sends pieces and reads to the end of the connection, or until the answer contains `until`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if half_close:
            writer.write_eof()
        return await read_until(reader, until)
    finally:
        writer.close()


async def read_until(reader: asyncio.StreamReader, until: bytes | None) -> bytes:
    answer = b""
    async with asyncio.timeout(10):
        while until is None or until not in answer:
            try:
                data = await reader.read(65536)
            except ConnectionResetError:
                return answer + b"<reset>"
            if not data:
                break
            answer += data
    return answer
