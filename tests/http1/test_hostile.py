"""What is sent to make two parsers disagree, through a whole gateway: refused, or carried as exactly what it says."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import NamedTuple

import h11
import pytest
import pytest_asyncio

from proxy.http1.serving import ServerSettings
from proxy.messages import Stage
from tests.http1.hostile_answers import BROKEN, GIVEN, INVALID, SHORT
from tests.http1.hostile_carried import CARRIED
from tests.http1.hostile_requests import EVIL, NEVER_WHOLE, REFUSED
from tests.support.h11_origin import OK, Asked, Origin, h11_origin
from tests.support.proxying import proxied, table
from tests.support.wire import exchange, upstream

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = ServerSettings(head_timeout=0.5, idle_timeout=0.5)
LAST = b"GET /last HTTP/1.1\r\nHost: pay.example\r\nConnection: close\r\n\r\n"
STATUS = re.compile(rb"HTTP/1\.1 (\d\d\d) ")
NEVER_SENT_ON = {b"te", b"trailer", b"upgrade", b"connection", b"keep-alive", b"proxy-connection", b"expect", b"x-evil"}


class Bench(NamedTuple):
    port: int
    origin: Origin


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    async with h11_origin(_answer) as origin:
        routes = table(origin.port, stage=Stage.LEGACY)
        async with proxied(routes, tmp_path_factory.mktemp("hostile"), SETTINGS) as proxy:
            yield Bench(proxy.port, origin)


@pytest.fixture
def bench(whole: Bench) -> Bench:
    whole.origin.asked.clear()
    whole.origin.faults.clear()
    return whole


def _answer(asked: Asked) -> bytes:
    return OK[:-2] if asked.method == b"HEAD" else OK


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in STATUS.findall(answer) if status != b"100"]


@pytest.mark.parametrize("name", REFUSED)
async def test_what_can_be_read_in_two_ways_is_refused_and_ends_the_connection(bench: Bench, name: str) -> None:
    wire, status = REFUSED[name]
    answer = await exchange(bench.port, wire + EVIL)
    assert (statuses(answer), bench.origin.asked, bench.origin.faults) == ([status], [], [])
    assert b"\r\nConnection: close\r\n" in answer


async def test_what_is_not_whole_never_becomes_a_request(bench: Bench) -> None:
    answers = await asyncio.gather(*(exchange(bench.port, wire) for wire in NEVER_WHOLE.values()))
    told = {name: statuses(answer)[0] for name, answer in zip(NEVER_WHOLE, answers, strict=True)}
    assert {name: status for name, status in told.items() if status not in (400, 408)} == {}
    assert (bench.origin.asked, bench.origin.faults) == ([], [])


@pytest.mark.parametrize("name", CARRIED)
async def test_what_can_be_read_in_one_way_is_carried_as_that(bench: Bench, name: str) -> None:
    """One more request follows, so that bytes that were read as another request, or were left over, would show."""
    wire, asked, ends = CARRIED[name]
    answer = await exchange(bench.port, wire + LAST)
    expected = [*asked, *([] if ends else [(b"GET", b"/last", b"")])]
    assert [(each.method, each.target, each.body) for each in bench.origin.asked] == expected
    assert statuses(answer) == [200] * len(expected)
    assert bench.origin.faults == []
    for each in bench.origin.asked:
        assert_canonical(each)


def assert_canonical(asked: Asked) -> None:
    """One Host, at most one kind of framing and in its plain spelling, nothing that was this hop's own."""
    names = [name.lower() for name, _ in asked.headers]
    assert names.count(b"host") == 1
    assert names.count(b"content-length") + names.count(b"transfer-encoding") <= 1
    assert asked.value(b"content-length") in (None, b"%d" % len(asked.body))
    assert asked.value(b"transfer-encoding") in (None, b"chunked")
    assert NEVER_SENT_ON.isdisjoint(names)
    assert {b"content-length", b"transfer-encoding"}.isdisjoint(n.replace(b"_", b"-") for n in names if b"_" in n)
    assert [field for field in asked.headers if b"evil" in field[1]] == []


async def test_the_host_of_an_old_request_comes_from_its_target(bench: Bench) -> None:
    await exchange(bench.port, CARRIED["the host in the target alone"].wire)
    assert bench.origin.asked[0].value(b"host") == b"pay.example"


SECOND = b"HTTP/1.1 200 OK\r\nX-Second: yes\r\nContent-Length: 6\r\n\r\nsecond"


class Saying(NamedTuple):
    """A gateway before an upstream that says `script[0]` to /case, and ends the connection after it if `script[1]`."""

    port: int
    script: list[bytes | bool]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def saying(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Saying]:
    script: list[bytes | bool] = []

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            second = b" /second " in head
            writer.write(SECOND if second else bytes(script[0]))
            await writer.drain()
            if script[1] and not second:
                return

    async with upstream(converse) as server:
        routes = table(server.port, stage=Stage.LEGACY)
        async with proxied(routes, tmp_path_factory.mktemp("saying"), SETTINGS) as proxy:
            yield Saying(proxy.port, script)


async def say(saying: Saying, said: bytes, *, close: bool = False, method: bytes = b"GET") -> bytes:
    """What the client gets for /case, and for /second after it on the same connection."""
    saying.script[:] = [said, close]
    case = b"%b /case HTTP/1.1\r\nHost: pay.example\r\n\r\n" % method
    return await exchange(saying.port, case + LAST.replace(b"/last", b"/second"))


@pytest.mark.parametrize("name", INVALID)
async def test_nothing_of_an_answer_that_can_be_read_in_two_ways_comes_through(saying: Saying, name: str) -> None:
    got = await say(saying, INVALID[name])
    assert [status for status in statuses(got) if status >= 200] == [502, 200]
    assert got.endswith(_last_of(SECOND))
    assert b"hello" not in got


@pytest.mark.parametrize("name", [*BROKEN, *SHORT])
async def test_an_answer_that_breaks_is_seen_to_be_broken(saying: Saying, name: str) -> None:
    got = await say(saying, (BROKEN | SHORT)[name], close=name in SHORT)
    final = [status for status in statuses(got) if status >= 200]
    assert final == [502, 200] or (final == [200] and not is_whole(got))


@pytest.mark.parametrize("name", SHORT)
async def test_it_is_seen_by_a_client_of_http_1_0_too(saying: Saying, name: str) -> None:
    saying.script[:] = [SHORT[name], True]
    got = await exchange(saying.port, b"GET /case HTTP/1.0\r\n\r\n")
    assert statuses(got)[-1] == 502 or got.endswith(b"<reset>") or not is_whole(got)


@pytest.mark.parametrize("name", GIVEN)
async def test_an_odd_answer_of_one_meaning_comes_through_as_that(saying: Saying, name: str) -> None:
    said, expected, method, close = GIVEN[name]
    assert await say(saying, said, method=method, close=close) == expected + _last_of(SECOND)


def _last_of(answer: bytes) -> bytes:
    return answer.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)


def is_whole(wire: bytes) -> bool:
    """Whether h11, as the client, takes all of `wire` and the end of the connection for one whole answer."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/case", headers=[("Host", "pay.example")]))
    client.send(h11.EndOfMessage())
    client.receive_data(wire)
    client.receive_data(b"")
    try:
        while not isinstance(event := client.next_event(), h11.EndOfMessage):
            assert event is not h11.NEED_DATA
    except h11.RemoteProtocolError:
        return False
    return True
