"""What a client connection is given, its bounds and the far side of each request, and the head of what it answers."""

import asyncio
import re
from dataclasses import dataclass
from typing import Protocol

from proxy.http1.head import HEAD_END
from proxy.http1.line import Malformed

_EMPTY_LINES = re.compile(rb"\A(?:\r\n)+")


class Incoming(Protocol):
    """What one request is handed to. `start` comes first; `request_end` once its body, if any, is whole."""

    def start(self) -> None: ...
    def request_body(self, data: bytes) -> None: ...
    def request_end(self) -> None: ...
    def request_flush(self) -> None: ...
    def client_gone(self) -> None: ...
    def client_refused(self, status: int, detail: str) -> None: ...
    def pause_answer(self) -> None: ...
    def resume_answer(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Bounds of one client connection: sizes in bytes, times in seconds, rates in bytes a second.

    `idle_timeout`: without a byte of a body, or with an answer that is not read; `body_rate`: what a body must come at
    on average, once it has taken longer than `idle_timeout`; `linger`: how long a connection is still read after its
    last answer, so that the client is not reset before it has read it; `last_call`: how long a connection that idles
    may still be used once it drains, since a request may have been sent by then.
    """

    header_bytes: int = 32 * 1024
    request_line: int = 8 * 1024
    headers: int = 100
    connections: int = 4096
    head_timeout: float = 10.0
    idle_timeout: float = 30.0
    keep_alive: float = 75.0
    body_rate: int = 500
    linger: float = 2.0
    last_call: float = 1.0


def origin_of(transport: asyncio.BaseTransport) -> tuple[str, bool]:
    """The client's address, "" for one that has none, and whether it came by TLS."""
    peer = transport.get_extra_info("peername")
    secure = transport.get_extra_info("sslcontext") is not None
    return peer[0] if isinstance(peer, tuple) else "", secure


def without_empty_lines(buffer: bytes) -> bytes:
    """RFC 9112, section 2.2: those before a request are let pass."""
    return _EMPTY_LINES.sub(b"", buffer)


def find_head_end(settings: ServerSettings, buffer: bytes, searched: int) -> int:
    """Where the head's empty line begins, -1 while it has not come; `searched`: bytes that were looked at before.
    Raises Malformed with 414 or 431.
    """
    end = buffer.find(HEAD_END, max(0, searched - 3))
    size = len(buffer) if end < 0 else end + 4
    line = settings.request_line
    if size > line + 1 and buffer.find(b"\r\n", 0, line + 2) < 0:
        raise Malformed(414, f"a request line beyond {line} bytes")
    if size > settings.header_bytes:
        raise Malformed(431, f"a request head beyond {settings.header_bytes} bytes")
    return end


def answer_head(version: bytes, status: int, reason: bytes, fields: bytes, *, chunked: bool, keep_alive: bool) -> bytes:
    """An answer's head, framing included. `version`: the request's minor version; `fields`: serialised lines."""
    framing = b"Transfer-Encoding: chunked\r\n" if chunked else b""
    if not keep_alive:
        framing += b"Connection: close\r\n"
    elif version != b"1":
        framing += b"Connection: keep-alive\r\n"
    return b"HTTP/1.1 %d %b\r\n%b%b\r\n" % (status, reason, fields, framing)
