"""What goes in comes out: method, target, headers with their order, case and duplicates, and bodies, both ways, but for
what is documented.

Documented for requests: hop-by-hop fields go, X-Forwarded-* and Via are added at the end, an absolute target becomes a
path, a body keeps its framing (Content-Length as a plain number, or chunked). For answers: hop-by-hop fields go, chunk
borders may move, a body that only the end of the connection ended is chunked.
"""

import asyncio
import random
import string
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import h11
import pytest

from tests.end_to_end.deployment import deploy
from tests.support.h11_origin import Asked, h11_origin
from tests.support.process import Processes

Fields = tuple[tuple[bytes, bytes], ...]

HOST = b"pay.example:8443"
METHODS = (b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"PROPFIND", b"REPORT")
TOKEN = (string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~").encode()
PATH = (string.ascii_letters + string.digits + "-._~!$&'()*+,;=:@/%[]{}|").encode()
VALUE = bytes([*range(0x21, 0x7F), *range(0x80, 0x100)])
SPOKEN_FOR = frozenset(
    {
        *(
            b"host",
            b"content-length",
            b"transfer-encoding",
            b"connection",
            b"expect",
            b"via",
            b"te",
            b"trailer",
            b"upgrade",
        ),
        *(b"keep-alive", b"proxy-connection", b"proxy-authorization", b"http2-settings", b"forwarded", b"x-real-ip"),
    }
)
NO_BODY = (204, 304)
OF_THIS_HOP = (b"Connection: keep-alive, X-Hop\r\n", b"x-hop: 1\r\n", b"KEEP-ALIVE: timeout=9\r\n", b"Te: trailers\r\n")
ADDED = (b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"via")


class Sent(NamedTuple):
    """One message: `line` is (method, target) or (status, reason); `framing` how its body ends; `wire` its bytes."""

    line: tuple[bytes, bytes]
    fields: Fields
    body: bytes
    wire: bytes


class Maker:
    """Makes valid messages of every shape, the same ones for one seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def request(self) -> Sent:
        method, target = self._chance.choice(METHODS), self._target()
        body = self._body() if self._chance.random() < 0.5 else b""
        fields = self._with_framing([*self._fields(), (self._cased(b"Host"), HOST)], body, method in (b"POST", b"PUT"))
        absolute = b"http://" + HOST if self._chance.random() < 0.1 else b""
        line = b"%b %b%b HTTP/1.1\r\n" % (method, absolute, target)
        return Sent((method, target), *self._serialised(line, fields, body))

    def answer(self, *, to_head: bool) -> Sent:
        status = self._chance.choice(
            (200, 200, 200, 201, 202, 204, 206, 301, 304, 400, 404, 409, 422, 429, 500, 503, 599)
        )
        reason = self._chance.choice((b"OK", b"", b"Not Quite", b"\xe9t\xe9", b"a" * 80))
        body = b"" if status in NO_BODY else self._body()
        fields = self._with_framing(self._fields(), body, status not in NO_BODY)
        line = b"HTTP/1.1 %d %b\r\n" % (status, reason)
        sent = Sent((b"%d" % status, reason), *self._serialised(line, fields, body))
        return sent._replace(body=b"", wire=sent.wire.partition(b"\r\n\r\n")[0] + b"\r\n\r\n") if to_head else sent

    def pieces(self, wire: bytes) -> list[bytes]:
        """The bytes, whole or cut at up to three places."""
        if self._chance.random() < 0.5:
            return [wire]
        edges = [0, *sorted(self._chance.choices(range(len(wire)), k=3)), len(wire)]
        return [wire[a:b] for a, b in zip(edges, edges[1:], strict=False)]

    def _target(self) -> bytes:
        path = b"/" + bytes(self._chance.choices(PATH, k=self._chance.choice((0, 1, 8, 40, 400))))
        query = bytes(self._chance.choices(PATH + b"?", k=self._chance.choice((0, 1, 30))))
        return path + (b"?" + query if self._chance.random() < 0.4 else b"")

    def _fields(self) -> list[tuple[bytes, bytes]]:
        fields = [(self._name(), self._value()) for _ in range(self._chance.choice((0, 1, 3, 8, 40)))]
        again = [self._chance.choice(fields) for _ in range(self._chance.choice((0, 0, 2)))] if fields else []
        return [*fields, *((self._cased(name), self._value()) for name, _ in again)]

    def _name(self) -> bytes:
        name = b""
        while not name or _is_spoken_for(name):
            name = bytes(self._chance.choices(TOKEN, k=self._chance.choice((1, 2, 8, 17, 30))))
        return name

    def _cased(self, name: bytes) -> bytes:
        return self._chance.choice((name, name.lower(), name.upper(), name.swapcase()))

    def _value(self) -> bytes:
        value = bytes(self._chance.choices(VALUE + b" \t,;", k=self._chance.choice((0, 1, 5, 40, 300))))
        return value.strip(b" \t")

    def _body(self) -> bytes:
        size = self._chance.choice((0, 1, 2, 100, 1_000, 20_000, 70_000))
        return self._chance.choice((self._chance.randbytes(size), b"0\r\n\r\n" * (size // 5), b"{}" * (size // 2)))

    def _with_framing(self, fields: list[tuple[bytes, bytes]], body: bytes, always: bool) -> list[tuple[bytes, bytes]]:
        if body or always:
            chunked = self._chance.random() < 0.4
            framing = (b"Transfer-Encoding", b"chunked") if chunked else (b"Content-Length", b"%d" % len(body))
            fields = [*fields, (self._cased(framing[0]), framing[1])]
        self._chance.shuffle(fields)
        return fields

    def _serialised(self, line: bytes, fields: list[tuple[bytes, bytes]], body: bytes) -> tuple[Fields, bytes, bytes]:
        """`fields` and, now and then, some that concern this hop only; those are not among what is compared."""
        space = self._chance.choice((b" ", b"", b"  ", b"\t"))
        lines = [b"%b:%b%b\r\n" % (name, space, value) for name, value in fields]
        for hop in OF_THIS_HOP if self._chance.random() < 0.2 else ():
            lines.insert(self._chance.randrange(len(lines) + 1), hop)
        head = line + b"".join(lines) + b"\r\n"
        chunked = any(name.lower() == b"transfer-encoding" for name, _ in fields)
        return tuple(fields), body, head + (self._chunks(body) if chunked else body)

    def _chunks(self, body: bytes) -> bytes:
        out, at = [], 0
        while at < len(body):
            size = self._chance.choice((1, 7, 1_000, 30_000) if at < 50 else (1_000, 30_000))
            piece = body[at : at + size]
            out.append(b"%x%b\r\n%b\r\n" % (len(piece), self._chance.choice((b"", b"", b";a=b")), piece))
            at += size
        return b"".join(out) + b"0\r\n\r\n"


def _is_spoken_for(name: bytes) -> bool:
    """Whether the proxy has something to do with a field of this name, or of one that a framework folds into it."""
    plain = name.lower().replace(b"_", b"-")
    return plain in SPOKEN_FOR or plain.startswith((b"x-forwarded-", b"x-strangler-"))


def _said(fields: Fields) -> Fields:
    """The fields that are compared: all but a body's chunked framing, which each hop says for itself."""
    return tuple(field for field in fields if field[0].lower() != b"transfer-encoding")


def _is_chunked(fields: Fields) -> bool:
    return any(name.lower() == b"transfer-encoding" for name, _ in fields)


def compare_request(sent: Sent, asked: Asked) -> None:
    assert (asked.method, asked.target) == sent.line
    assert asked.body == sent.body
    fields = _said(asked.headers)
    assert fields[:-4] == _said(sent.fields)
    assert tuple(name.lower() for name, _ in fields[-4:]) == ADDED
    assert _is_chunked(asked.headers) == _is_chunked(sent.fields)


def compare_answer(sent: Sent, head: h11.Response, body: bytes) -> None:
    assert (b"%d" % head.status_code, bytes(head.reason)) == sent.line
    assert _said(tuple(head.headers.raw_items())) == _said(sent.fields)
    assert body == sent.body


class Client:
    """A keep-alive client that reads by h11."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._rest = b""

    async def ask(self, method: bytes, pieces: list[bytes]) -> tuple[h11.Response, bytes]:
        for piece in pieces:
            self._writer.write(piece)
            await self._writer.drain()
        parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
        parser.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
        parser.send(h11.EndOfMessage())
        if self._rest:
            parser.receive_data(self._rest)
        head, body = None, []
        while not isinstance(event := parser.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                parser.receive_data(await self._reader.read(65536))
            elif isinstance(event, h11.Data):
                body.append(bytes(event.data))
            elif isinstance(event, h11.Response):
                head = event
        assert head is not None
        self._rest = parser.trailing_data[0]
        return head, b"".join(body)


@asynccontextmanager
async def _client(port: int) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()


async def _converse(port: int, answers: dict[bytes, Sent], requests: dict[bytes, Asked], seed: int, turns: int) -> None:
    """`turns` exchanges over one connection; each carries a number by which the upstream finds its answer."""
    maker = Maker(seed)
    async with asyncio.timeout(50 + turns), _client(port) as client:
        for turn in range(turns):
            request = maker.request()
            answer = maker.answer(to_head=request.line[0] == b"HEAD")
            number = b"%d-%d" % (seed, turn)
            answers[number] = answer
            line, _, rest = request.wire.partition(b"\r\n")
            numbered = request._replace(
                wire=b"%b\r\nX-Number: %b\r\n%b" % (line, number, rest), fields=((b"X-Number", number), *request.fields)
            )
            head, body = await client.ask(request.line[0], maker.pieces(numbered.wire))
            compare_answer(answer, head, body)
            compare_request(numbered, requests.pop(number))


async def _all_alike(run_process: Processes, folder: Path, exchanges: int, clients: int = 10) -> None:
    answers: dict[bytes, Sent] = {}
    requests: dict[bytes, Asked] = {}

    def answer(asked: Asked) -> bytes:
        number = asked.value(b"x-number") or b""
        assert number not in requests
        requests[number] = asked
        return answers.pop(number).wire

    async with h11_origin(answer) as origin:
        deployment = await asyncio.to_thread(deploy, run_process, folder, origin.port, origin.port, stage="legacy")
        each = exchanges // clients
        await asyncio.gather(*(_converse(deployment.port, answers, requests, seed, each) for seed in range(clients)))
        assert len(origin.asked) == each * clients
        assert origin.faults == []


async def test_500_exchanges_come_out_as_they_went_in(run_process: Processes, tmp_path: Path) -> None:
    await _all_alike(run_process, tmp_path / "deployment", 500)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_10_000_exchanges_come_out_as_they_went_in(run_process: Processes, tmp_path: Path) -> None:
    await _all_alike(run_process, tmp_path / "deployment", 10_000)
