"""The runner's end of the channel on one machine: LocalReceiver, a unix socket that many workers write to.

Law of this file: only processes of our own user are heard; a frame is believed only when it decodes whole; and when the
inbox is full the sockets are not read, so that the senders fill up and drop, where it is counted. Garbage costs its
sender the connection, and nobody else anything.
"""

import asyncio
import os
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from pathlib import Path

from proxy.channel.codec import HEADER_SIZE, MAX_FRAME, CodecError, Message, decode, payload_length
from proxy.channel.inbox import Inbox
from proxy.channel.link import HELLO
from proxy.channel.peer import bind_private, peer_uid

PEER_REFUSED, GARBAGE, CUT_SHORT, TOO_MANY = "peer-refused", "garbage", "cut-short", "too-many-connections"


class LocalReceiver:
    """Listens on `path`. `counts`: connections ended, by reason. `uid_of` asks the kernel who is at the other end."""

    def __init__(
        self,
        path: Path,
        *,
        max_frame: int = MAX_FRAME,
        max_messages: int = 1024,
        max_bytes: int = 16 * 1024 * 1024,
        max_connections: int = 256,
        uid_of: Callable[[socket.socket], int] = peer_uid,
    ) -> None:
        self.counts: dict[str, int] = {PEER_REFUSED: 0, GARBAGE: 0, CUT_SHORT: 0, TOO_MANY: 0}
        self._path, self._max_frame, self._max_connections, self._uid_of = path, max_frame, max_connections, uid_of
        self._inbox: Inbox[Message] = Inbox(max_messages, max_bytes)
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def waiting(self) -> tuple[int, int]:
        """How many messages wait to be taken, and how many bytes they came in."""
        return self._inbox.number, self._inbox.size

    async def start(self) -> None:
        """Listen. OSError, with a text for the operator, if the path or its folder cannot be used or is not private."""
        sock = bind_private(self._path)
        self._server = await asyncio.start_unix_server(self._accept, sock=sock)

    async def get(self) -> Message | None:
        """The next message, when there is one; None after `close`, once all that had been read is taken."""
        return await self._inbox.get()

    async def close(self) -> None:
        """Stop listening and reading. What was read whole can still be taken."""
        if self._server is not None:
            self._path.unlink(missing_ok=True)
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._inbox.close()

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            reason = self._refusal(writer) or await self._read_all(reader, writer)
        finally:
            writer.close()
        if reason is not None:
            self.counts[reason] += 1

    def _refusal(self, writer: StreamWriter) -> str | None:
        if self._uid_of(writer.get_extra_info("socket")) != os.getuid():
            return PEER_REFUSED
        return TOO_MANY if len(self._connections) > self._max_connections else None

    async def _read_all(self, reader: StreamReader, writer: StreamWriter) -> str | None:
        writer.write(HELLO)
        try:
            while frame := await self._read_frame(reader):
                await self._inbox.put(decode(frame), len(frame))
        except CodecError:
            return GARBAGE
        except (asyncio.IncompleteReadError, OSError):
            return CUT_SHORT
        return None

    async def _read_frame(self, reader: StreamReader) -> bytes:
        try:
            header = await reader.readexactly(HEADER_SIZE)
        except asyncio.IncompleteReadError as cut:
            if cut.partial:
                raise
            return b""
        return header + await reader.readexactly(payload_length(header, self._max_frame))
