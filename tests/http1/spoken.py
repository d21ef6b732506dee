"""One client connection without a socket: what it makes of bytes that come in given pieces."""

import asyncio
import re
from collections.abc import Iterable
from typing import NamedTuple

from proxy.http1.line import Malformed
from proxy.http1.server import ServerConnection
from proxy.http1.serving import ServerSettings
from proxy.http1.ticker import Ticker
from proxy.messages import RequestHead

_STATUS = re.compile(rb"HTTP/1\.1 ([2-9]\d\d) ")
_LOOP = asyncio.new_event_loop()  # gives the time, and ends the turn


class Understood(NamedTuple):
    """The whole requests with their bodies, the statuses that the client was told, whether no more is read."""

    requests: tuple[tuple[RequestHead, bytes], ...]
    statuses: tuple[int, ...]
    over: bool


class _Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.over = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.over = True

    def close(self) -> None:
        self.over = True

    def abort(self) -> None:
        self.over = True

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class _Noted:
    """A request that is noted once it is whole, and answered at once."""

    def __init__(self, connection: ServerConnection, head: RequestHead, whole: list[tuple[RequestHead, bytes]]) -> None:
        self._connection, self._head, self._whole = connection, head, whole
        self._body: list[bytes] = []

    def start(self) -> None: ...

    def request_body(self, data: bytes) -> None:
        self._body.append(data)

    def request_end(self) -> None:
        self._whole.append((self._head, b"".join(self._body)))
        _answer(self._connection, 200)

    def request_flush(self) -> None: ...

    def client_gone(self) -> None: ...

    def client_refused(self, status: int, detail: str) -> None:
        _answer(self._connection, status)

    def pause_answer(self) -> None: ...

    def resume_answer(self) -> None: ...


def _answer(connection: ServerConnection, status: int) -> None:
    connection.respond(status, b"", b"Content-Length: 0\r\n", 0)
    connection.finish()


def _refuse(connection: ServerConnection, fault: Malformed) -> None:
    _answer(connection, fault.status)


def understood(pieces: Iterable[bytes], settings: ServerSettings = ServerSettings()) -> Understood:
    """What a connection makes of `pieces`, each of which comes by itself."""
    whole: list[tuple[RequestHead, bytes]] = []
    transport = _Transport()
    connection = ServerConnection(
        lambda connection, head: _Noted(connection, head, whole), _refuse, settings, Ticker(_LOOP), set()
    )
    connection.connection_made(transport)
    for piece in pieces:
        connection.data_received(piece)
    _LOOP.run_until_complete(asyncio.sleep(0))  # the end of the turn, when answers are written
    statuses = tuple(int(status) for status in _STATUS.findall(b"".join(transport.written)))
    connection.connection_lost(None)
    return Understood(tuple(whole), statuses, transport.over)


def bytewise(wire: bytes) -> Iterable[bytes]:
    return (wire[at : at + 1] for at in range(len(wire)))
