"""One request on its way, as the conversation on both of its sockets."""

import asyncio
import json
import socket
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from proxy.messages import Failure, FailureKind, Response, Stage
from proxy.routing.canary import bucket
from proxy.routing.table import Breaker, Canary, Limits, Semantics, Shadowing, Timeouts
from tests.support.proxying import proxied, table
from tests.support.wire import answering, exchange, read_request, read_until, upstream

OK = b"HTTP/1.1 200 OK\r\nServer: monolith\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 2\r\n\r\nok"
GET = b"GET /v1/payments?a=%41 HTTP/1.1\r\nHost: pay.example\r\nX-B: 1\r\nx-b: \xff\r\nConnection: close\r\n\r\n"


def problem(answer: bytes) -> dict[str, object]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head, answer
    document: dict[str, object] = json.loads(body)
    return document


async def test_a_request_and_its_answer_go_through_unchanged_but_for_what_a_hop_adds(tmp_path: Path) -> None:
    seen: list[bytes] = []
    async with upstream(answering(seen, OK)) as server, proxied(table(server.port), tmp_path) as proxy:
        answer = await exchange(proxy.port, GET)
        copy = await proxy.copy()
    assert answer == OK.replace(b"\r\n\r\nok", b"\r\nConnection: close\r\n\r\nok")
    assert seen == [
        b"GET /v1/payments?a=%41 HTTP/1.1\r\nHost: pay.example\r\nX-B: 1\r\nx-b: \xff\r\nX-Forwarded-For: 127.0.0.1\r\n"
        b"X-Forwarded-Proto: http\r\nX-Forwarded-Host: pay.example\r\nVia: 1.1 strangler\r\n\r\n"
    ]
    assert copy.request.target == b"/v1/payments?a=%41"
    assert copy.request.headers[1:3] == ((b"X-B", b"1"), (b"x-b", b"\xff"))
    assert isinstance(copy.primary.outcome, Response)
    assert copy.primary.outcome.body == b"ok"
    assert copy.primary.seconds > 0


@pytest.mark.parametrize("framing", ["sized", "chunked"])
async def test_a_large_body_streams_both_ways(tmp_path: Path, framing: str) -> None:
    body = bytes(range(256)) * 12_000

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        if b"chunked" in head:
            while data := await reader.readline():
                size = int(data, 16)
                chunk = await reader.readexactly(size + 2)
                writer.write(data + chunk)
                await writer.drain()
                if not size:
                    return
        writer.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), await reader.readexactly(len(body))))
        await writer.drain()

    if framing == "sized":
        sent = b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    else:
        chunks = b"".join(
            b"%x\r\n%b\r\n" % (len(body[i : i + 70_000]), body[i : i + 70_000]) for i in range(0, len(body), 70_000)
        )
        sent = b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    async with upstream(echo) as server, proxied(table(server.port), tmp_path) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"POST /up HTTP/1.1\r\nHost: a\r\n" + sent)
        assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
        got = b""
        async with asyncio.timeout(20):
            while size := int(await reader.readline(), 16):
                got += await reader.readexactly(size)
                await reader.readexactly(2)
        writer.close()
    assert got == body


async def test_head_204_and_304_have_no_body_and_the_connection_goes_on(tmp_path: Path) -> None:
    answers = iter(
        [
            b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",
            b"HTTP/1.1 204 No Content\r\n\r\n",
            b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n",
            OK,
        ]
    )
    async with (
        upstream(answering([], lambda _: next(answers))) as server,
        proxied(table(server.port), tmp_path) as proxy,
    ):
        methods = (b"HEAD", b"GET", b"GET", b"GET")
        wire = b"".join(b"%b / HTTP/1.1\r\nHost: a\r\n\r\n" % method for method in methods)
        answer = await exchange(proxy.port, wire, until=b"\r\n\r\nok")
    assert [line[9:12] for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")] == [
        b"200",
        b"204",
        b"304",
        b"200",
    ]
    assert server.connections == 1


async def test_early_hints_are_passed_on_and_100_continue_is_answered_here(tmp_path: Path) -> None:
    seen: list[bytes] = []
    wire = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK
    async with upstream(answering(seen, wire)) as server, proxied(table(server.port), tmp_path) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"POST /p HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"abc")
        answer = await read_until(reader, b"\r\n\r\nok")
        writer.close()
    assert answer.startswith(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK")
    assert b"Expect" not in seen[0]
    assert seen[0].endswith(b"\r\n\r\nabc")


async def test_an_upstream_that_is_down_is_502_for_a_read_and_503_for_a_write_that_may_be_repeated(
    tmp_path: Path, free_port: int
) -> None:
    async with proxied(table(free_port), tmp_path) as proxy:
        read = await exchange(proxy.port, GET)
        write = await exchange(proxy.port, GET.replace(b"GET", b"POST"))
        copy = await proxy.copy()
    assert read.startswith(b"HTTP/1.1 502")
    assert problem(read)["type"] == "upstream-unreachable"
    assert write.startswith(b"HTTP/1.1 503")
    assert b"Retry-After: 1" in write
    assert isinstance(copy.primary.outcome, Failure)
    assert copy.primary.outcome.kind is FailureKind.REFUSED


@pytest.mark.parametrize(("method", "kind"), [(b"GET", "upstream-timeout"), (b"POST", "outcome-unknown")])
async def test_an_upstream_that_is_slow_is_504(tmp_path: Path, method: bytes, kind: str) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with (
        upstream(silent) as server,
        proxied(table(server.port, timeouts=Timeouts(1.0, 0.2, 1.0)), tmp_path) as proxy,
    ):
        answer = await exchange(proxy.port, GET.replace(b"GET", method))
    assert answer.startswith(b"HTTP/1.1 504")
    assert problem(answer)["type"] == kind
    assert b"Retry-After" not in answer


@pytest.mark.parametrize("wire", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"])
@pytest.mark.parametrize("method", [b"GET", b"POST", b"PUT", b"DELETE"])
async def test_what_was_sent_once_is_never_sent_again_on_a_fresh_connection(
    tmp_path: Path, wire: bytes, method: bytes
) -> None:
    seen: list[bytes] = []
    async with upstream(answering(seen, wire, close=True)) as server, proxied(table(server.port), tmp_path) as proxy:
        answer = await exchange(proxy.port, GET.replace(b"GET", method))
    assert answer.startswith(b"HTTP/1.1 502")
    assert len(seen) == 1
    assert (problem(answer)["type"] == "outcome-unknown") is (method != b"GET")


@pytest.mark.parametrize(
    ("method", "times", "status"), [(b"GET", 2, b"200"), (b"POST", 1, b"502"), (b"DELETE", 1, b"502")]
)
async def test_a_kept_connection_that_ends_is_tried_again_for_a_read_and_never_for_a_write(
    tmp_path: Path, method: bytes, times: int, status: bytes
) -> None:
    seen: list[bytes] = []

    async def once_then_reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(OK)
        second = await read_request(reader)
        seen.append(second)
        if server.connections == 1:
            return
        writer.write(OK)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if server.connections == 1:
            await once_then_reset(reader, writer)
        else:
            await answering(seen, OK)(reader, writer)

    async with upstream(serve) as server, proxied(table(server.port), tmp_path) as proxy:
        assert b"200 OK" in await exchange(proxy.port, GET)
        answer = await exchange(proxy.port, GET.replace(b"GET", method))
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert len(seen) == 1 + times


@pytest.mark.parametrize(
    ("head", "ending"),
    [
        (b"Content-Length: 100\r\n\r\npartial", b"partial"),
        (b"Transfer-Encoding: chunked\r\n\r\n7\r\npartial\r\n", b"7\r\npartial\r\n"),
    ],
)
async def test_an_answer_that_ends_too_soon_ends_visibly(tmp_path: Path, head: bytes, ending: bytes) -> None:
    wire = b"HTTP/1.1 200 OK\r\n" + head
    async with upstream(answering([], wire, close=True)) as server, proxied(table(server.port), tmp_path) as proxy:
        answer = await exchange(proxy.port, GET.replace(b"Connection: close\r\n", b""))
    assert answer.removesuffix(b"<reset>").endswith(ending)


@pytest.mark.parametrize(("method", "kind"), [(b"GET", "upstream-invalid"), (b"POST", "outcome-unknown")])
async def test_an_answer_that_is_broken_from_the_start_is_502(tmp_path: Path, method: bytes, kind: str) -> None:
    wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2 garbage\r\naa\r\n0\r\n\r\n"
    async with upstream(answering([], wire)) as server, proxied(table(server.port), tmp_path) as proxy:
        answer = await exchange(proxy.port, GET.replace(b"GET", method))
    assert answer.startswith(b"HTTP/1.1 502")
    assert problem(answer)["type"] == kind


async def test_a_truncated_answer_without_length_is_a_reset_for_http_1_0(tmp_path: Path) -> None:
    wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\npartial\r\n"
    async with upstream(answering([], wire, close=True)) as server, proxied(table(server.port), tmp_path) as proxy:
        answer = await exchange(proxy.port, b"GET / HTTP/1.0\r\n\r\n")
    assert answer.endswith(b"<reset>")


async def test_a_client_that_leaves_does_not_cancel_a_payment_that_was_sent(tmp_path: Path) -> None:
    arrived, answered = asyncio.Event(), asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        arrived.set()
        await answered.wait()
        writer.write(OK)
        await reader.read()

    async with upstream(slow) as server, proxied(table(server.port), tmp_path) as proxy:
        _, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(GET)
        async with asyncio.timeout(5):
            await arrived.wait()
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            while proxy.connections:
                await asyncio.sleep(0.005)
        answered.set()
        copy = await proxy.copy()
    assert isinstance(copy.primary.outcome, Response)
    assert proxy.counted("strangler_requests_total") == {("pay", "legacy", "2xx"): 1}


async def test_a_body_that_breaks_off_never_becomes_a_whole_request(tmp_path: Path) -> None:
    got: list[bytes] = []

    async def reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.read())

    async with upstream(reading) as server, proxied(table(server.port), tmp_path) as proxy:
        wire = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n"
        answer = await exchange(proxy.port, wire)
        async with asyncio.timeout(5):
            while server.connections and not got:
                await asyncio.sleep(0.005)
    assert answer.startswith(b"HTTP/1.1 400")
    assert all(b"0\r\n\r\n" not in each for each in got)


@pytest.mark.parametrize(
    "wire", [b"Content-Length: 11\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n"]
)
async def test_a_body_beyond_its_limit_is_413(tmp_path: Path, wire: bytes) -> None:
    async with (
        upstream(answering([], OK)) as server,
        proxied(table(server.port, limits=Limits(body_bytes=10)), tmp_path) as proxy,
    ):
        answer = await exchange(proxy.port, b"POST / HTTP/1.1\r\nHost: a\r\n" + wire)
    assert answer.startswith(b"HTTP/1.1 413")


async def test_a_copy_beyond_its_cap_is_dropped_and_counted_and_the_answer_is_whole(tmp_path: Path) -> None:
    async with (
        upstream(answering([], OK)) as server,
        proxied(table(server.port, shadowing=Shadowing(max_body=1)), tmp_path) as proxy,
    ):
        assert (await exchange(proxy.port, GET)).endswith(b"ok")
        assert proxy.sender.taken == 0
        assert proxy.counted("strangler_dropped_total") == {("over-cap",): 1}


async def test_a_shadow_that_calls_back_never_reaches_a_live_backend(tmp_path: Path) -> None:
    seen: list[bytes] = []
    async with upstream(answering(seen, OK)) as server, proxied(table(server.port), tmp_path) as proxy:
        answer = await exchange(proxy.port, GET.replace(b"X-B: 1", b"X-Strangler_Shadow: 1"))
    assert answer.startswith(b"HTTP/1.1 403")
    assert seen == []


async def test_writes_and_other_stages_are_not_copied(tmp_path: Path) -> None:
    async with upstream(answering([], OK)) as server:
        async with proxied(table(server.port), tmp_path) as proxy:
            await exchange(proxy.port, GET.replace(b"GET", b"POST"))
            assert proxy.sender.taken == 0
        async with proxied(table(server.port, stage=Stage.CANDIDATE), tmp_path) as proxy:
            await exchange(proxy.port, GET)
            assert proxy.sender.taken == 0
            assert proxy.counted("strangler_requests_total") == {("pay", "candidate", "2xx"): 1}


async def test_a_canary_is_answered_by_the_system_of_its_bucket_and_copied_for_the_other(tmp_path: Path) -> None:
    legacy: list[bytes] = []
    candidate: list[bytes] = []
    async with upstream(answering(legacy, OK)) as old, upstream(answering(candidate, OK)) as new:
        routes = table(old.port)
        canary = Canary(50.0, ("header:X-Merchant",), seed="s")
        route = replace(routes.routes[0], stage=Stage.CANARY, canary=canary, shadow_legacy="monolith")
        backends = {**routes.backends, "payments": replace(routes.backends["payments"], port=new.port)}
        async with proxied(replace(routes, routes=(route,), backends=backends), tmp_path) as proxy:
            for number in range(20):
                wire = b"GET / HTTP/1.1\r\nHost: a\r\nX-Merchant: m%d\r\nConnection: close\r\n\r\n" % number
                await exchange(proxy.port, wire)
                leads = bucket("s", b"m%d" % number) < 50
                plan = (await proxy.copy()).plan
                assert (plan.backend, plan.shadow) == (("payments", "monolith") if leads else ("monolith", "payments"))
                assert plan.reason.startswith("canary 50 %: bucket ")
    assert len(candidate) == sum(bucket("s", b"m%d" % number) < 50 for number in range(20))
    assert len(legacy) == 20 - len(candidate)


async def test_a_candidate_that_answers_has_its_own_time_outs(tmp_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with upstream(silent) as server:
        routes = table(server.port, stage=Stage.CANDIDATE, timeouts=Timeouts(1.0, 30.0, 30.0))
        route = replace(routes.routes[0], candidate_timeouts=Timeouts(1.0, 0.1, 30.0))
        async with proxied(replace(routes, routes=(route,)), tmp_path) as proxy:
            assert (await exchange(proxy.port, GET)).startswith(b"HTTP/1.1 504")


@pytest.mark.parametrize(("longest", "trips"), [(0.05, True), (5.0, False)])
async def test_the_breaker_hears_how_long_the_head_of_an_answer_took_once_the_request_was_whole(
    tmp_path: Path, longest: float, trips: bool
) -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"hi")
        await asyncio.sleep(0.1)
        writer.write(OK)
        await reader.read()

    rule = Breaker(30.0, 1, 1.0, longest, 0.0)
    async with upstream(slow) as server:
        routes = table(server.port, stage=Stage.CANDIDATE)
        route = replace(routes.routes[0], breaker=rule)
        async with proxied(replace(routes, routes=(route,)), tmp_path) as proxy:
            reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
            writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nh")
            await asyncio.sleep(0.1)  # a client's slowness is none of the candidate's
            writer.write(b"i")
            assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
            writer.close()
    tripped = [("pay", "1 of 1 requests took longer than 0.05 s")]
    assert proxy.tripped == (tripped if trips else [])


async def test_by_the_operators_word_a_post_only_asks_and_is_copied(tmp_path: Path) -> None:
    async with upstream(answering([], OK)) as server:
        routes = table(server.port)
        route = replace(routes.routes[0], semantics=Semantics.READ)
        async with proxied(replace(routes, routes=(route,)), tmp_path) as proxy:
            wire = b"POST /search HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"
            assert (await exchange(proxy.port, wire)).endswith(b"ok")
            assert (await proxy.copy()).request.body == b"hi"
