"""WebSocket through the proxy: a real client and a real server find nothing between them but a tunnel.

Each conversation is held twice, directly and through the proxy; both sides tell what they saw, and it is compared.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from tests.end_to_end.clients.serving import in_front_of
from tests.support.ports import free_port

pytestmark = pytest.mark.timeout(120)

Told = list[object]
Serving = Callable[[ServerConnection, Told], Awaitable[None]]
Asking = Callable[[ClientConnection, Told], Awaitable[None]]

MEGABYTE = random.Random(1).randbytes(1 << 20)
TEXT = "é€𝄞 " * (1 << 17)
PER_CONNECTION = {"host", "sec-websocket-key", "sec-websocket-accept", "date"}
"""Fields that differ between any two connections."""
OFFERED = [Subprotocol("chat"), Subprotocol("soup")]
ADDED = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "via"}
CLOSES_AFTER = ("connection", "close")
"""What the server says of its own connection to whom it refuses; the proxy keeps the client's."""


MESSAGES: dict[str, str | bytes] = {
    "no text": "",
    "text": "hello é€𝄞",
    "no bytes": b"",
    "bytes": bytes(range(256)),
    "a megabyte of text": TEXT,
    "a megabyte of bytes": MEGABYTE,
}
CLOSES = {1000: "", 1001: "going away", 1011: "é" * 60, 3000: "x", 4999: "y"}
"""Codes, each with its reason."""


class Place:
    """Where the server of a test listens, and the proxy in front of it."""

    def __init__(self, origin: int, proxy: int) -> None:
        self.origin = origin
        self.proxy = proxy

    def connect(self, port: int, **options: object) -> AbstractAsyncContextManager[ClientConnection]:
        wanted = {"proxy": None, "max_size": None, "compression": None, "open_timeout": 20, "subprotocols": OFFERED}
        return connect(f"ws://127.0.0.1:{port}/chat/%2F?a=%20b", **{**wanted, **options})  # type: ignore[arg-type]

    async def both(self, server: Serving, client: Asking, **options: object) -> tuple[list[Told], list[Told]]:
        """What the server and the client tell of one conversation: direct, and through the proxy."""
        return (
            await self._conversation(self.origin, server, client, options),
            await self._conversation(self.proxy, server, client, options),
        )

    async def _conversation(self, port: int, server: Serving, client: Asking, options: dict[str, object]) -> list[Told]:
        told: list[Told] = [[], []]
        ended = asyncio.Event()

        async def handle(connection: ServerConnection) -> None:
            try:
                await server(connection, told[0])
            finally:
                ended.set()

        compression = options.get("compression")
        async with asyncio.timeout(40), self.serving(handle, compression=compression):
            async with self.connect(port, **options) as connection:
                await client(connection, told[1])
            await ended.wait()
        return told

    def serving(
        self, handle: Callable[[ServerConnection], Awaitable[None]], **options: object
    ) -> AbstractAsyncContextManager[Server]:
        return serve(
            handle,
            "127.0.0.1",
            self.origin,
            max_size=None,
            subprotocols=OFFERED[::-1],
            server_header="origin",
            **options,  # type: ignore[arg-type]
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    origin = free_port()
    with in_front_of(tmp_path_factory.mktemp("websocket"), origin) as deployment:
        yield Place(origin, deployment.port)


async def echo(connection: ServerConnection, told: Told) -> None:
    async for message in connection:
        await connection.send(message)
    told.append((connection.close_code, connection.close_reason))


async def closed(connection: ClientConnection | ServerConnection, told: Told) -> None:
    """Reads until the end, and tells how it came."""
    try:
        while True:
            told.append(await connection.recv())
    except ConnectionClosed as end:
        told.append((end.rcvd and end.rcvd.code, end.rcvd and end.rcvd.reason, connection.close_code))


@pytest.mark.parametrize("compression", [None, "deflate"])
@pytest.mark.parametrize("message", MESSAGES)
async def test_a_message_comes_back(place: Place, message: str, compression: str | None) -> None:
    sent = MESSAGES[message]

    async def say(connection: ClientConnection, told: Told) -> None:
        await connection.send(sent)
        told.append(await connection.recv() == sent)

    direct, proxied = await place.both(echo, say, compression=compression)
    assert proxied == direct == [[(1000, "")], [True]]


async def test_many_messages_come_in_their_order(place: Place) -> None:
    async def say(connection: ClientConnection, told: Told) -> None:
        for number in range(1000):
            await connection.send(str(number))
        told.extend([await connection.recv() for _ in range(1000)])

    direct, proxied = await place.both(echo, say)
    assert proxied == direct
    assert proxied[1] == [str(number) for number in range(1000)]


async def test_both_sides_talk_at_once(place: Place) -> None:
    """Neither waits for the other: ten megabytes each way, and the server begins."""

    async def talk(connection: ClientConnection | ServerConnection, told: Told) -> None:
        async def listen() -> None:
            told.append([await connection.recv() == MEGABYTE for _ in range(10)])

        listening = asyncio.create_task(listen())
        for _ in range(10):
            await connection.send(MEGABYTE)
        await listening

    direct, proxied = await place.both(talk, talk)
    assert proxied == direct == [[[True] * 10], [[True] * 10]]


async def test_what_the_server_says_at_once_is_not_lost(place: Place) -> None:
    async def greet(connection: ServerConnection, told: Told) -> None:
        await connection.send("welcome")
        await closed(connection, told)

    async def hear(connection: ClientConnection, told: Told) -> None:
        told.append(await connection.recv())

    direct, proxied = await place.both(greet, hear)
    assert proxied == direct == [[(1000, "", 1000)], ["welcome"]]


async def test_pings_are_answered_by_the_other_end(place: Place) -> None:
    async def ping(connection: ClientConnection | ServerConnection, told: Told) -> None:
        pong = await connection.ping(b"are you there")
        await pong
        told.append("pong")
        await closed(connection, told)

    async def answer(connection: ClientConnection, told: Told) -> None:
        pong = await connection.ping("and you")
        await pong
        told.append("pong")
        await connection.close(1000, "seen")

    direct, proxied = await place.both(ping, answer)
    assert proxied == direct
    assert proxied[0][0] == proxied[1][0] == "pong"


@pytest.mark.parametrize("code", CLOSES)
@pytest.mark.parametrize("side", ["client", "server"])
async def test_close_codes_go_through(place: Place, side: str, code: int) -> None:
    reason = CLOSES[code]

    async def end(connection: ClientConnection | ServerConnection, told: Told) -> None:
        await connection.close(code, reason)
        told.append((connection.close_code, connection.close_reason))

    server, client = (end, closed) if side == "server" else (closed, end)
    direct, proxied = await place.both(server, client)
    assert proxied == direct
    assert (code, reason, code) in (proxied[0][-1], proxied[1][-1])


@pytest.mark.parametrize("side", ["client", "server"])
async def test_an_abrupt_end_is_seen_as_one(place: Place, side: str) -> None:
    async def vanish(connection: ClientConnection | ServerConnection, told: Told) -> None:
        told.append(await connection.recv())
        connection.transport.abort()

    async def stay(connection: ClientConnection | ServerConnection, told: Told) -> None:
        await connection.send("first")
        await closed(connection, told)

    server, client = (vanish, stay) if side == "server" else (stay, vanish)
    direct, proxied = await place.both(server, client)
    assert proxied == direct
    assert (None, None, 1006) in (proxied[0][-1], proxied[1][-1])


@pytest.mark.parametrize("side", ["client", "server"])
async def test_an_end_in_the_middle_of_a_message_is_seen_as_one(place: Place, side: str) -> None:
    async def stop(connection: ClientConnection | ServerConnection, told: Told) -> None:
        told.append(await connection.recv())
        head = b"\x82\x7f" if side == "server" else b"\x82\xff"
        connection.transport.write(head + (1 << 20).to_bytes(8, "big") + b"part of it")
        connection.transport.close()

    async def stay(connection: ClientConnection | ServerConnection, told: Told) -> None:
        await connection.send("first")
        await closed(connection, told)

    server, client = (stop, stay) if side == "server" else (stay, stop)
    direct, proxied = await place.both(server, client)
    assert proxied == direct
    assert (None, None, 1006) in (proxied[0][-1], proxied[1][-1])


async def test_the_handshake_goes_through(place: Place) -> None:
    async def tell(connection: ServerConnection, told: Told) -> None:
        assert connection.request is not None
        told.append((connection.request.path, connection.subprotocol))
        told.append(fields(connection.request))
        await closed(connection, told)

    async def see(connection: ClientConnection, told: Told) -> None:
        assert connection.response is not None
        told.append((connection.response.status_code, connection.response.reason_phrase, connection.subprotocol))
        told.append(sorted(fields(connection.response)))

    direct, proxied = await place.both(tell, see, compression="deflate", additional_headers={"X-Dup": "1"})
    seen = proxied[0][1]
    assert isinstance(seen, list)
    assert sorted(pair for pair in seen if pair[0] not in ADDED) == sorted(direct[0][1])  # type: ignore[call-overload]
    assert {name for name, _ in seen} & ADDED == ADDED
    assert (proxied[0][0], proxied[1]) == (direct[0][0], direct[1])
    assert proxied[0][0] == ("/chat/%2F?a=%20b", "soup")


def fields(message: Request | Response) -> list[tuple[str, str]]:
    """The fields of a handshake that do not differ between any two connections."""
    pairs = [(name.lower(), value) for name, value in message.headers.raw_items()]
    return [(name, value) for name, value in pairs if name not in PER_CONNECTION]


@pytest.mark.parametrize("status", [403, 426, 503])
async def test_a_refusal_is_seen_as_the_server_gave_it(place: Place, status: int) -> None:
    """The server has seen the offer and did not take it: its answer is an ordinary one."""
    offers: list[str | None] = []

    def refuse(connection: ServerConnection, request: Request) -> Response:
        offers.append(request.headers.get("Upgrade"))
        answer = connection.respond(HTTPStatus(status), "not you\n")
        answer.headers["Set-Cookie"] = "a=1"
        answer.headers["X-Why"] = "policy"
        return answer

    async def refused(port: int) -> Told:
        with pytest.raises(InvalidStatus) as raised:
            async with place.connect(port):
                pass
        answer = raised.value.response
        told = sorted(field for field in fields(answer) if field != CLOSES_AFTER)
        return [answer.status_code, answer.reason_phrase, told, answer.body]

    async with asyncio.timeout(40), place.serving(lambda _: asyncio.sleep(0), process_request=refuse):
        direct, proxied = await refused(place.origin), await refused(place.proxy)
    assert offers == ["websocket", "websocket"]
    assert proxied == direct
