"""JSON lines between the supervisor and one child, over a socket pair.

Law of this file: a message is one line of at most MAX_LINE bytes; what is not one of the messages below ends the link.
The end of the link is the end of the other side. What the next message of its kind replaces (Status, Reading) is not
sent to a side that has MAX_UNREAD bytes unread.
"""

import asyncio
import socket
from typing import Final, TypeAlias

import msgspec

from proxy.gateway.breaker import Probe
from proxy.messages import System
from proxy.routing.override import Override
from proxy.telemetry.snapshot import Snapshot

MAX_LINE: Final = 32 * 1024 * 1024
MAX_UNREAD: Final = 1024 * 1024


class Start(msgspec.Struct, frozen=True, tag="start"):
    """What a child needs to begin. `document`: the table of routes.yaml, packed (routing/packed.py); `listeners`: file
    descriptors; `channel`: the unix socket's path; `connections`: a worker's bound; `workers`: how many there are;
    `keep_seconds`, `keep_bytes`: what a runner keeps of the store; `open`: the routes whose breaker is; `claims`: the
    path of the claims service's socket; `certain`: as in Certain.
    """

    config_name: str
    document: bytes
    listeners: tuple[int, ...]
    channel: str
    store: str
    key_file: str
    connections: int
    version: str
    overrides: tuple[Override, ...] = ()
    token_file: str | None = None
    workers: int = 1
    keep_seconds: float | None = None
    keep_bytes: int | None = None
    open: frozenset[str] = frozenset()
    claims: str = ""
    certain: System | None = None


class Load(msgspec.Struct, frozen=True, tag="load"):
    """Take this table in place of the one in use, and acknowledge it by Ready, or say in Refused why not."""

    document: bytes
    overrides: tuple[Override, ...]


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """A child cannot take the table that it was told to load; the one before stays in use."""

    reason: str


class Breakers(msgspec.Struct, frozen=True, tag="breakers"):
    """For a worker: the routes whose breaker is open, and the probes that it has, by number."""

    open: frozenset[str]
    probes: dict[str, int]


class Certain(msgspec.Struct, frozen=True, tag="certain"):
    """For a worker: the only system that keyed writes went to for as long as pins last; None: there are two."""

    system: System | None


class Recording(msgspec.Struct, frozen=True, tag="recording"):
    """For the claims process: these routes' writes are pinned, by these rules, in all workers."""

    rules: dict[str, str]


class Recorded(msgspec.Struct, frozen=True, tag="recorded"):
    """It is kept since when."""


class Tripped(msgspec.Struct, frozen=True, tag="tripped"):
    """A worker has seen too many failures, or slow answers, of a route's candidate; which, in words."""

    route: str
    why: str


class Probed(msgspec.Struct, frozen=True, tag="probed"):
    """What became of a worker's probe."""

    route: str
    number: int
    what: Probe


class Ask(msgspec.Struct, frozen=True, tag="ask"):
    """The control process asks the supervisor to change something. `body`: the request's, JSON; `number` of the ask."""

    number: int
    what: str
    body: str


class Told(msgspec.Struct, frozen=True, tag="told"):
    """The supervisor's answer to the Ask of this number: an HTTP status and a JSON body."""

    number: int
    status: int
    body: str


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


ToChild: TypeAlias = Start | Stop | Load | Status | Told | Breakers | Certain | Recording
FromChild: TypeAlias = Ready | Refused | Reading | Ask | Tripped | Probed | Recorded
Message: TypeAlias = ToChild | FromChild

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
