"""JSON lines between the supervisor and one child, over a socket pair.

Law of this file: a message is one line of at most MAX_LINE bytes; what is not one of the messages below ends the link.
The end of the link is the end of the other side. What the next message of its kind replaces (Status, Reading) is not
sent to a side that has MAX_UNREAD bytes unread.
"""

import asyncio
import socket
from typing import Final, TypeAlias

import msgspec

from proxy.telemetry.snapshot import Snapshot

MAX_LINE: Final = 32 * 1024 * 1024
MAX_UNREAD: Final = 1024 * 1024


class Start(msgspec.Struct, frozen=True, tag="start"):
    """What a child needs to begin. `listeners`: file descriptors; `channel`: the unix socket's path; `connections`: a
    worker's bound.
    """

    config_name: str
    config_text: str
    listeners: tuple[int, ...]
    channel: str
    store: str
    key_file: str
    connections: int
    version: str


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """End what is at hand within `drain` seconds, take nothing new, and exit."""

    drain: float


class Status(msgspec.Struct, frozen=True, tag="status"):
    """For the control process: the whole status document, as JSON."""

    document: str


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """A child does its work, with this route table."""

    table_hash: str | None


class Reading(msgspec.Struct, frozen=True, tag="reading"):
    """All that a child has counted since it started."""

    snapshot: Snapshot


Message: TypeAlias = Start | Stop | Status | Ready | Reading

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Message)


class Link:
    """One end. `receive` gives None when the other end is gone; `send` after that is silent."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @staticmethod
    async def over(sock: socket.socket) -> "Link":
        reader, writer = await asyncio.open_connection(sock=sock, limit=MAX_LINE)
        return Link(reader, writer)

    def send(self, message: Message) -> None:
        if not self._writer.is_closing() and not self._is_superfluous(message):
            self._writer.write(_encoder.encode(message) + b"\n")

    async def receive(self) -> Message | None:
        try:
            line = await self._reader.readuntil(b"\n")
            message: Message = _decoder.decode(line)
            return message
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, msgspec.MsgspecError):
            self.close()
            return None

    def close(self) -> None:
        self._writer.close()

    def _is_superfluous(self, message: Message) -> bool:
        return isinstance(message, Status | Reading) and self._writer.transport.get_write_buffer_size() > MAX_UNREAD
