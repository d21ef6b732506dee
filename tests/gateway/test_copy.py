"""What is kept for the channel, and when it is dropped."""

from pathlib import Path

import pytest

from proxy.gateway.copy import Copy
from proxy.messages import Failure, FailureKind, Hop, Plan, RequestHead, Response, ResponseHead, Stage, System
from tests.support.proxying import Proxied, proxied, table

HEAD = RequestHead(b"POST", b"/x?a=%41", b"1", ((b"Host", b"a"), (b"x-B", b"\xff")), None, True, False)
HOP = Hop(b"192.0.2.1", False, True)
PLAN = Plan("pay", Stage.SHADOW, System.LEGACY, "monolith", "payments", "why")
ANSWER = ResponseHead(201, b"Made", ((b"X-A", b"1"), (b"x-a", b"2")), None, True)


def copy_of(proxy: Proxied, cap: int, *, is_write: bool = False) -> Copy:
    return Copy(proxy.gateway, "hash", HEAD, HOP, PLAN, cap, is_write)


async def test_it_holds_what_was_asked_and_answered_and_how_long_it_took(tmp_path: Path) -> None:
    async with proxied(table(1), tmp_path) as proxy:
        copy = copy_of(proxy, 100)
        for data in (b"ab", b"c"):
            copy.keep(copy.asked, data)
        for data in (b"\x00", b"\xff"):
            copy.keep(copy.answered, data)
        copy.complete(ANSWER, 0.25)
        assert proxy.sender.taken == 0  # not before the end of the turn
        exchange = await proxy.copy()
    assert (exchange.table, exchange.hop, exchange.plan) == ("hash", HOP, PLAN)
    assert (exchange.request.method, exchange.request.target, exchange.request.body) == (b"POST", b"/x?a=%41", b"abc")
    assert exchange.request.headers == HEAD.headers
    assert exchange.primary.outcome == Response(201, b"Made", ANSWER.headers, b"\x00\xff")
    assert (exchange.primary.system, exchange.primary.backend) == (System.LEGACY, "monolith")
    assert exchange.primary.seconds == 0.25


async def test_a_failure_is_told_as_it_is(tmp_path: Path) -> None:
    failure = Failure(FailureKind.TIMEOUT, True, "late")
    async with proxied(table(1), tmp_path) as proxy:
        copy_of(proxy, 1).complete(failure, 1.0)
        assert (await proxy.copy()).primary.outcome == failure


@pytest.mark.parametrize(("asked", "answered", "kept"), [(5, 4, True), (5, 5, False), (10, 0, False), (0, 11, False)])
async def test_it_is_whole_or_dropped_and_counted_once(tmp_path: Path, asked: int, answered: int, kept: bool) -> None:
    async with proxied(table(1), tmp_path) as proxy:
        copy = copy_of(proxy, 10)
        copy.keep(copy.asked, b"a" * asked)
        copy.keep(copy.answered, b"b" * answered)
        if not kept:
            copy.keep(copy.asked, b"more")
            copy.keep(copy.answered, b"more")
        copy.complete(ANSWER, 0.0)
        other = copy_of(proxy, 10)
        other.complete(Failure(FailureKind.RESET, True, "after it"), 0.0)
        outcomes = [(await proxy.copy()).primary.outcome for _ in range(1 + kept)]
        dropped = proxy.counted("strangler_dropped_total")
    assert [isinstance(each, Response) for each in outcomes] == ([True, False] if kept else [False])
    assert dropped == ({} if kept else {("over-cap",): 1})


async def test_of_a_write_beyond_its_bounds_the_head_is_told(tmp_path: Path) -> None:
    async with proxied(table(1), tmp_path) as proxy:
        copy = copy_of(proxy, 10, is_write=True)
        copy.keep(copy.asked, b"a" * 11)
        copy.complete(ANSWER, 0.0)
        exchange = await proxy.copy()
        assert proxy.counted("strangler_dropped_total") == {("over-cap",): 1}
    assert (exchange.request.target, exchange.request.body) == (HEAD.target, b"")
    assert (exchange.plan.shadow, exchange.plan.spared, exchange.plan.reason) == ("payments", True, "over-cap")


async def test_a_cap_of_nothing_keeps_nothing(tmp_path: Path) -> None:
    async with proxied(table(1), tmp_path) as proxy:
        copy = copy_of(proxy, 0)
        copy.keep(copy.asked, b"a")
        copy.complete(ANSWER, 0.0)
        copy_of(proxy, 1).complete(Failure(FailureKind.RESET, True, "after it"), 0.0)
        assert isinstance((await proxy.copy()).primary.outcome, Failure)
        assert proxy.counted("strangler_dropped_total") == {}
