"""What must hold for any bytes at all. fuzz_heads.py hunts for bytes for which it does not.

Law of this file: `check` raises only when the engine is wrong. Bytes are refused with Malformed or read; what is read
as a request and sent on is read by h11, by llhttp and by a plain split into lines as the same request; however the
bytes are cut, the verdict is the same.
"""

import random
import zlib
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

import h11
import httptools

from proxy.gateway.fields import request_head, response_fields
from proxy.http1.body import LAST_CHUNK, Chunked, chunk
from proxy.http1.head import HEAD_END, read_request_head, read_response_head
from proxy.http1.line import Malformed
from proxy.messages import Hop, RequestHead, ResponseHead
from tests.http1.spoken import Understood, bytewise, understood

HOP = Hop(b"127.0.0.1", False, False)
FRAMING = (b"content-length", b"transfer-encoding")
WORDS = (
    *(
        b"\r\n",
        b"\r\n\r\n",
        b"\n",
        b"\r",
        b": ",
        b"GET ",
        b"POST ",
        b"HEAD ",
        b"OPTIONS ",
        b" HTTP/1.1\r\n",
        b" HTTP/1.0\r\n",
    ),
    *(
        b"Host: a\r\n",
        b"Content-Length: 5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Connection: close\r\n",
        b"http://a/",
    ),
    *(
        b"Expect: 100-continue\r\n",
        b"Upgrade: a\r\n",
        b"0\r\n\r\n",
        b"5\r\nhello\r\n",
        b";a=b",
        b'"',
        b"\x00",
        b"\t",
        b"\xff",
    ),
    *(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"Content_Length: 0\r\n", b"X-Forwarded-For: a\r\n"),
)
"""What the fuzzer puts together."""

Head = TypeVar("Head", RequestHead, ResponseHead)
Fields = list[tuple[bytes, bytes]]
Reading = tuple[bytes, bytes, Fields, bytes]
"""Method, target, fields, body."""


def check(data: bytes) -> None:
    """AssertionError, or whatever the engine should not have raised."""
    check_request(data)
    check_response(data)
    check_chunks(data)


def check_request(data: bytes) -> None:
    whole = understood([data])
    for pieces in _pieces(data):
        assert _verdict(understood(pieces)) == _verdict(whole), "another verdict in pieces"
    for head, body in whole.requests:
        check_sent_on(head, body)
    head_only = data.partition(HEAD_END)[0] + HEAD_END
    _read_or_refused(partial(read_request_head, head_only, 100), (400, 405, 417, 431, 501, 505))


def check_sent_on(head: RequestHead, body: bytes) -> None:
    """The request as the upstream gets it."""
    sent = request_head(head, HOP, None) + (chunk(body) + LAST_CHUNK if head.length is None else body)
    plain = by_lines(sent)
    assert plain[:2] == (head.method, head.target)
    assert by_h11(sent) == (*plain[:3], body), "h11 reads it otherwise"
    assert by_llhttp(sent) == (*plain[:3], body), "llhttp reads it otherwise"
    fields = [(name.lower().replace(b"_", b"-"), value) for name, value in plain[2]]
    framing = [field for field in fields if field[0] in FRAMING]
    assert [name for name, _ in fields].count(b"host") == 1
    assert framing in ([], [(FRAMING[0], b"%d" % len(body))], [(FRAMING[1], b"chunked")])
    assert framing or not body


def check_response(data: bytes) -> None:
    head_only = data.partition(HEAD_END)[0] + HEAD_END
    for to_head in (False, True):
        head = _read_or_refused(partial(read_response_head, head_only, 200, to_head=to_head), (502,))
        if head is not None:
            names = [line.partition(b":")[0].lower() for line in response_fields(head).split(b"\r\n")]
            assert names.count(b"content-length") <= 1
            assert b"transfer-encoding" not in names


def check_chunks(data: bytes) -> None:
    """The body decoder by itself, on what follows the first empty line, or on all."""
    body = data.partition(HEAD_END)[2] or data
    expected = _decoded([body])
    for pieces in _pieces(body):
        assert _decoded(pieces) == expected, "another body in pieces"


def _verdict(told: Understood) -> tuple[object, ...]:
    return told.requests, tuple(status // 100 for status in told.statuses), told.over


def _pieces(data: bytes) -> list[Iterable[bytes]]:
    """Byte by byte if it is short, and cut at places that depend on the bytes only."""
    chance = random.Random(zlib.crc32(data))
    places = [0, *sorted(chance.choices(range(len(data) + 1), k=3)), len(data)]
    cut = [data[a:b] for a, b in zip(places, places[1:], strict=False)]
    return [cut, bytewise(data)] if len(data) < 256 else [cut]


def _decoded(pieces: Iterable[bytes]) -> tuple[bytes, int] | None:
    """The payload and the length of what follows it; None if the framing is refused or does not end."""
    reader, payload, rest = Chunked(), b"", None
    for piece in pieces:
        if rest is not None:
            rest += piece
            continue
        try:
            more, rest = reader.feed(piece)
        except Malformed:
            return None
        payload += more
    return None if rest is None else (payload, len(rest))


def _read_or_refused(read: Callable[[], Head], statuses: tuple[int, ...]) -> Head | None:
    try:
        return read()
    except Malformed as fault:
        assert fault.status in statuses
        return None


def by_lines(sent: bytes) -> Reading:
    """The least that a parser can do."""
    head, _, body = sent.partition(HEAD_END)
    line, *lines = head.split(b"\r\n")
    method, target, version = line.split(b" ")
    assert version == b"HTTP/1.1"
    fields = [(name, value.strip(b" \t")) for name, _, value in (each.partition(b":") for each in lines)]
    return method, target, fields, body


def by_h11(sent: bytes) -> Reading:
    parser = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    parser.receive_data(sent)
    head, body = parser.next_event(), b""
    assert isinstance(head, h11.Request), head
    while not isinstance(event := parser.next_event(), h11.EndOfMessage):
        assert isinstance(event, h11.Data), event
        body += bytes(event.data)
    assert parser.trailing_data == (b"", False)
    return head.method, head.target, list(head.headers.raw_items()), body


class _Read:
    """What llhttp says."""

    def __init__(self) -> None:
        self.target, self.body, self.ends = b"", b"", 0
        self.fields: Fields = []

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name, value.strip(b" \t")))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.ends += 1


def by_llhttp(sent: bytes) -> Reading:
    read = _Read()
    parser = httptools.HttpRequestParser(read)
    parser.feed_data(sent)
    assert read.ends == 1
    return parser.get_method(), read.target, read.fields, read.body
