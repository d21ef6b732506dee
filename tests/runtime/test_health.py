"""Checks over real sockets: two bad ones mark an address down, one good one up."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from proxy.http1.pool import Address
from proxy.http1.ticker import Ticker
from proxy.messages import Failure, FailureKind, Response
from proxy.routing.table import Backend, HealthCheck, Timeouts
from proxy.runtime.health import HealthChecks, Judgement, request, well
from proxy.runtime.upstreams import Upstreams
from tests.support.wire import ScriptedUpstream, answering, upstream

CHECK = HealthCheck(b"/healthz?full=1", interval=0.03)


@dataclass
class Service:
    """An upstream that is well or not, and what it was asked."""

    status: int = 200
    asked: list[bytes] = field(default_factory=list)

    def answer(self, _: bytes) -> bytes:
        return b"HTTP/1.1 %d X\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok" % self.status


@dataclass
class Told:
    """What was said of addresses, in order."""

    said: list[tuple[str, int, bool]] = field(default_factory=list)

    def __call__(self, backend: str, address: str, healthy: bool) -> None:
        self.said.append((backend, int(address.rpartition(":")[2]), healthy))


@asynccontextmanager
async def running(*services: Service) -> AsyncIterator[list[ScriptedUpstream]]:
    started: list[ScriptedUpstream] = []
    if not services:
        yield started
        return
    conversation = answering(services[0].asked, services[0].answer, close=True)
    async with upstream(conversation) as first, running(*services[1:]) as others:
        yield [first, *others]


@asynccontextmanager
async def checking(told: Told, *backends: Backend) -> AsyncIterator[tuple[HealthChecks, Upstreams]]:
    ticker, named = Ticker(asyncio.get_running_loop()), {each.name: each for each in backends}
    checks, upstreams = HealthChecks(ticker, lambda: 0.5, told), Upstreams(named, ticker)
    checks.follow(named, upstreams)
    yield checks, upstreams
    await checks.close()
    await upstreams.close()


def backend(*ports: int, check: HealthCheck | None = CHECK) -> Backend:
    addresses = tuple(("127.0.0.1", port) for port in ports)
    many = addresses if len(ports) > 1 else ()
    timeouts = Timeouts(0.5, 1.0, 1.0)
    return Backend(
        "pay", "http", "127.0.0.1", ports[0], base_path=b"/api", timeouts=timeouts, addresses=many, health_check=check
    )


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


async def test_an_address_goes_down_and_comes_back() -> None:
    told, one, other = Told(), Service(), Service()
    async with running(one, other) as (first, second), checking(told, backend(first.port, second.port)) as (_, pools):
        balancer = pools.balancer("pay")
        assert balancer is not None
        await until(lambda: len(told.said) == 2)
        other.status = 503
        await until(lambda: not balancer.healthy(1))
        assert {pools.pool("pay") for _ in range(4)} == {pools.pool("pay")}
        other.status = 204
        await until(lambda: balancer.healthy(1))
        assert len({pools.pool("pay") for _ in range(4)}) == 2
    assert sorted(told.said[:2]) == sorted([("pay", first.port, True), ("pay", second.port, True)])
    assert told.said[2:] == [("pay", second.port, False), ("pay", second.port, True)]


async def test_an_address_where_nobody_listens_goes_down() -> None:
    told = Told()
    async with running(Service()) as (server,):
        async with running(Service()) as (gone,):
            pass
        async with checking(told, backend(server.port, gone.port)) as (_, pools):
            balancer = pools.balancer("pay")
            assert balancer is not None
            await until(lambda: not balancer.healthy(1))
            assert balancer.healthy(0)
    assert ("pay", gone.port, False) in told.said


async def test_a_backend_with_one_address_is_told_of_too() -> None:
    told, service = Told(), Service(500)
    async with running(service) as (server,), checking(told, backend(server.port)) as (_, pools):
        await until(lambda: bool(told.said))
        assert pools.balancer("pay") is None
    assert told.said == [("pay", server.port, False)]
    assert len(service.asked) >= 2


async def test_what_is_asked() -> None:
    told, service = Told(), Service()
    async with running(service) as (server,), checking(told, backend(server.port)):
        await until(lambda: len(service.asked) > 1)
    lines = service.asked[0].decode().split("\r\n")
    assert lines[0] == "GET /healthz?full=1 HTTP/1.1"
    assert f"Host: 127.0.0.1:{server.port}" in lines
    assert "Connection: close" in lines
    assert server.connections == len(service.asked)


@pytest.mark.parametrize(
    ("scheme", "header", "address", "host"),
    [
        ("http", None, Address("pay.internal", 80), b"pay.internal"),
        ("https", None, Address("pay.internal", 443), b"pay.internal"),
        ("https", None, Address("pay.internal", 80), b"pay.internal:80"),
        ("http", None, Address("::1", 8001), b"[::1]:8001"),
        ("http", b"pay.example", Address("127.0.0.1", 8001), b"pay.example"),
    ],
)
def test_the_host_that_is_asked_for(scheme: str, header: bytes | None, address: Address, host: bytes) -> None:
    asked = replace(backend(80), scheme=scheme, host_header=header)
    assert request(asked, CHECK, address).split(b"\r\n")[1] == b"Host: " + host


async def test_the_next_table_keeps_begins_and_ends_checks() -> None:
    told, service, other = Told(), Service(), Service()
    async with running(service, other) as (server, second):
        same, changed = backend(server.port), replace(backend(second.port), name="other")
        async with checking(told, same, changed) as (checks, pools):
            await until(lambda: len(told.said) == 2)
            after = {"pay": same, "other": replace(changed, health_check=None)}
            checks.follow(after, pools.followed_by(after))
            heard = len(service.asked)
            await until(lambda: len(service.asked) > heard + 2)
            asked = len(other.asked)
            await until(lambda: len(service.asked) > heard + 6)
            assert len(other.asked) == asked
            checks.follow({"other": changed}, pools.followed_by({"other": changed}))
            await until(lambda: len(told.said) == 3)
    assert [name for name, _, _ in told.said].count("pay") == 1


def test_two_bad_ones_in_a_row_and_one_good_one() -> None:
    judgement = Judgement()
    steps = [(False, False), (True, True), (False, False), (True, False), (False, False), (False, True), (False, False)]
    assert [judgement.take(good) for good, _ in steps] == [changed for _, changed in steps]
    assert judgement.healthy is False
    assert judgement.take(True)
    assert judgement.healthy is True


def test_what_is_well() -> None:
    statuses = (199, 200, 204, 302, 399, 400, 404, 500, 503)
    assert [each for each in statuses if well(Response(each, b"", (), b""))] == [200, 204, 302, 399]
    assert not well(Failure(FailureKind.TIMEOUT, True, ""))
