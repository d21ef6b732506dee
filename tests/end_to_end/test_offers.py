"""Who offers WebSocket and who takes the offer: everything else is an ordinary request, and an ordinary answer."""

import re
from pathlib import Path

import pytest

from tests.end_to_end.both_loops import on_both_loops, until
from tests.end_to_end.pressing import pool
from tests.end_to_end.switching import NEXT, OFFER, OK, REFUSAL, SWITCH, counted
from tests.support.proxying import proxied, table
from tests.support.wire import answering, exchange, upstream


@on_both_loops
async def test_a_refusal_is_an_ordinary_answer_and_what_came_behind_the_offer_is_the_next_request(
    tmp_path: Path,
) -> None:
    seen: list[bytes] = []

    def answer(request: bytes) -> bytes:
        return REFUSAL if b"websocket" in request else OK

    async with upstream(answering(seen, answer)) as server, proxied(table(server.port), tmp_path) as proxy:
        told = await exchange(proxy.port, OFFER + NEXT)
        copy = await proxy.copy()
        assert told == REFUSAL + OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        assert [each.split(b"\r\n")[0] for each in seen] == [b"GET /chat?a=%20b HTTP/1.1", b"GET /next HTTP/1.1"]
        assert b"upgrade" not in seen[1].lower()
        assert server.connections == 1
        assert counted(proxy) == {("pay", "legacy", "4xx"): 1, ("pay", "legacy", "2xx"): 1}
        assert copy.request.target == b"/next"
        assert proxy.sender.taken == 1


NOT_OFFERED = {
    "another protocol": OFFER.replace(b"Upgrade: WebSocket", b"Upgrade: h2c"),
    "a choice of protocols": OFFER.replace(b"Upgrade: WebSocket", b"Upgrade: websocket, h2c"),
    "a second one": OFFER.replace(b"Upgrade: WebSocket", b"Upgrade: websocket\r\nUpgrade: h2c"),
    "Connection does not name it": OFFER.replace(b"keep-alive, UPGRADE", b"keep-alive, upgraded"),
    "HTTP/1.0": OFFER.replace(b"HTTP/1.1", b"HTTP/1.0"),
    "another method": OFFER.replace(b"GET", b"OPTIONS"),
    "a sized body": OFFER.replace(b"\r\n\r\n", b"\r\nContent-Length: 1\r\n\r\nx"),
    "a chunked body": OFFER.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
}


@pytest.mark.parametrize("request_line", NOT_OFFERED)
async def test_what_is_no_offer_of_websocket_alone_goes_on_without_it_and_may_not_be_taken(
    tmp_path: Path, request_line: str
) -> None:
    seen: list[bytes] = []
    answers = iter([OK, SWITCH])
    async with (
        upstream(answering(seen, lambda _: next(answers))) as server,
        proxied(table(server.port), tmp_path) as proxy,
    ):
        wire = NOT_OFFERED[request_line]
        assert b"200 OK" in await exchange(proxy.port, wire, until=b"\r\n\r\nok")
        assert re.match(rb"HTTP/1\.1 50[24] ", await exchange(proxy.port, wire, half_close=True))
        assert len(seen) == 2
        assert all(b"\r\nupgrade:" not in each.lower() and b"\r\nconnection:" not in each.lower() for each in seen)


@pytest.mark.parametrize(
    "acceptance",
    [
        SWITCH.replace(b"WEBSOCKET", b"h2c"),
        SWITCH.replace(b"upgrade: WEBSOCKET\r\n", b""),
        SWITCH.replace(b"connection: upgrade\r\n", b""),
        SWITCH.replace(b"upgrade: WEBSOCKET", b"upgrade: websocket\r\nUpgrade: h2c"),
        SWITCH.replace(b"Content-Length: 0", b"Transfer-Encoding: chunked"),
    ],
)
async def test_an_answer_101_to_what_was_not_offered_is_garbage(tmp_path: Path, acceptance: bytes) -> None:
    seen: list[bytes] = []
    async with upstream(answering(seen, acceptance)) as server, proxied(table(server.port), tmp_path) as proxy:
        told = await exchange(proxy.port, OFFER, half_close=True)
        assert told.startswith(b"HTTP/1.1 502 ")
        assert b"101" not in told
        assert len(seen) == 1
        assert counted(proxy) == {("pay", "legacy", "5xx"): 1}
        await until(lambda: pool(proxy).size == 0, "the connection is not used again")
