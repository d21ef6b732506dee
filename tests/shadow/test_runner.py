import asyncio
import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from comparators import Kind, Verdict
from proxy.messages import (
    Exchange,
    Failure,
    FailureKind,
    Hop,
    Request,
    Response,
    Stage,
    System,
)
from proxy.routing.route import Route, Shadowing
from proxy.routing.table import RouteTable
from proxy.shadow.ground import Ground
from proxy.shadow.health import FAILURES
from proxy.shadow.runner import ShadowRunner
from proxy.shadow.sampling import FIRST, THEN_ONE_IN

CARD = b"4111111111111111"
Tables = Callable[..., RouteTable]
Make = Callable[..., Exchange]


class Bench:
    """A runner on a table of one route, with a real server as its shadow."""

    def __init__(self, table: RouteTable, sender: Any, kept: Any, stateful: Any = None) -> None:
        self.tables = [table]
        ticks = itertools.count(0.0, 0.25)
        ground = Ground(lambda: self.tables[0], b"0123456789abcdef", lambda: 0.0)
        self.runner = ShadowRunner(ground, sender, kept, kept, lambda: next(ticks), stateful)


@pytest.fixture
def bench(make_table: Tables, route: Route, sender: Any, kept: Any) -> Bench:
    return Bench(make_table(route), sender, kept)


def counted(kept: Any) -> dict[tuple[str, ...], int]:
    return {
        (name.removeprefix("strangler_").removesuffix("_total"), *rest): n for (name, *rest), n in kept.counts.items()
    }


async def test_an_equal_answer_is_a_match(
    bench: Bench, exchange: Exchange, upstream: Any, sender: Any, kept: Any
) -> None:
    upstream.answers(200, b'{"amount":"10.00"}')
    await bench.runner.handle(exchange)
    [record] = kept.records
    assert (record.verdict, record.reason, record.fingerprint) == (Verdict.MATCH, None, None)
    assert (record.shadow.system, record.shadow.backend, record.shadow.seconds) == (System.CANDIDATE, "payments", 0.25)
    assert counted(kept) == {("shadow", "read-payment", "answered"): 1, ("comparisons", "read-payment", "match"): 1}
    [(backend, _, timeout)] = sender.sent
    assert (backend, timeout) == ("payments", 5.0)


async def test_the_shadow_hears_a_marked_copy_once(bench: Bench, with_request: Make, upstream: Any) -> None:
    upstream.answers(200, b"{}")
    await bench.runner.handle(with_request(headers=((b"Host", b"shop"), (b"Idempotency-Key", b"k"))))
    assert upstream.heard == [b"GET /v1/payments/1 HTTP/1.1\r\nHost: shop\r\nX-Strangler-Shadow: 1\r\n\r\n"]


async def test_another_answer_is_a_mismatch_with_legacy_first(
    bench: Bench, exchange: Exchange, upstream: Any, kept: Any
) -> None:
    upstream.answers(200, b'{"amount":"10.01"}')
    await bench.runner.handle(exchange)
    [record] = kept.records
    [difference] = record.differences
    assert record.verdict is Verdict.MISMATCH
    assert record.fingerprint is not None
    assert (difference.path, difference.legacy, difference.candidate) == ("$.amount", '"10.00"', '"10.01"')
    assert counted(kept)["comparisons", "read-payment", "mismatch"] == 1


async def test_legacy_comes_first_also_when_the_candidate_is_the_primary(
    bench: Bench, exchange: Exchange, upstream: Any, kept: Any
) -> None:
    upstream.answers(200, b'{"amount":"10.01"}')
    plan = structs.replace(exchange.plan, primary=System.CANDIDATE, stage=Stage.REVERSE_SHADOW)
    primary = structs.replace(exchange.primary, system=System.CANDIDATE)
    await bench.runner.handle(structs.replace(exchange, plan=plan, primary=primary))
    [record] = kept.records
    [difference] = record.differences
    assert record.shadow.system is System.LEGACY
    assert (difference.legacy, difference.candidate) == ('"10.01"', '"10.00"')


async def test_a_server_error_is_an_answer_and_is_compared(
    bench: Bench, exchange: Exchange, upstream: Any, kept: Any
) -> None:
    upstream.answers(500, b'{"amount":"10.00"}')
    await bench.runner.handle(exchange)
    [record] = kept.records
    assert record.verdict is Verdict.MISMATCH
    assert Kind.STATUS in {difference.kind for difference in record.differences}


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(None, FailureKind.RESET), (b"SMTP ready\r\n\r\n", FailureKind.GARBAGE), (b"", FailureKind.TIMEOUT)],
)
async def test_a_shadow_that_fails_is_inconclusive(
    make_table: Tables,
    route: Route,
    exchange: Exchange,
    upstream: Any,
    sender: Any,
    kept: Any,
    reply: bytes | None,
    kind: FailureKind,
) -> None:
    bench = Bench(make_table(replace(route, shadowing=Shadowing(timeout=0.05))), sender, kept)
    upstream.reply = reply
    await bench.runner.handle(exchange)
    [record] = kept.records
    assert (record.verdict, record.reason) == (Verdict.INCONCLUSIVE, f"shadow-{kind}")
    assert record.shadow.outcome.kind is kind
    assert counted(kept) == {("shadow", "read-payment", kind): 1, ("comparisons", "read-payment", "inconclusive"): 1}
    assert len(upstream.heard) == 1, "nothing is sent twice"


async def test_a_shadow_that_is_down_is_inconclusive(
    bench: Bench, exchange: Exchange, sender: Any, kept: Any, unused_tcp_port: int
) -> None:
    sender.port = unused_tcp_port
    await bench.runner.handle(exchange)
    assert [record.reason for record in kept.records] == ["shadow-refused"]


async def test_a_shadow_that_stays_down_is_left_alone_and_what_it_misses_is_counted(
    bench: Bench, exchange: Exchange, sender: Any, kept: Any, unused_tcp_port: int
) -> None:
    sender.port = unused_tcp_port
    for _ in range(FAILURES + 3):
        await bench.runner.handle(exchange)
    assert len(kept.records) == FAILURES
    assert counted(kept)["dropped", "shadow-unhealthy"] == 3
    assert counted(kept)["shadow", "read-payment", "dropped"] == 3


async def test_a_write_is_never_sent(bench: Bench, with_request: Make, upstream: Any, kept: Any) -> None:
    await bench.runner.handle(with_request(method=b"POST"))
    assert (upstream.heard, [record.reason for record in kept.records]) == ([], ["unsafe-method"])
    assert counted(kept) == {
        ("shadow", "read-payment", "not-sent"): 1,
        ("comparisons", "read-payment", "inconclusive"): 1,
    }


async def test_a_failed_primary_is_kept_and_not_compared(
    bench: Bench, exchange: Exchange, upstream: Any, kept: Any
) -> None:
    failed = structs.replace(exchange.primary, outcome=Failure(FailureKind.TIMEOUT, True, "no answer"))
    await bench.runner.handle(structs.replace(exchange, primary=failed))
    [record] = kept.records
    assert (upstream.heard, record.verdict, record.reason) == ([], Verdict.INCONCLUSIVE, "primary-failed")
    assert record.exchange.primary.outcome.kind is FailureKind.TIMEOUT
    assert record.shadow is None


async def test_a_route_that_is_gone_leaves_a_blank_record(
    bench: Bench, exchange: Exchange, make_table: Tables, upstream: Any, kept: Any
) -> None:
    bench.tables[0] = make_table()
    await bench.runner.handle(exchange)
    [record] = kept.records
    assert (upstream.heard, record.reason, record.exchange.request.headers) == ([], "route-gone", ())


async def test_a_backend_that_is_gone_gets_nothing(bench: Bench, exchange: Exchange, upstream: Any, kept: Any) -> None:
    await bench.runner.handle(structs.replace(exchange, plan=structs.replace(exchange.plan, shadow="gone")))
    assert (upstream.heard, [record.reason for record in kept.records]) == ([], ["backend-unknown"])


async def test_what_is_kept_holds_no_clear_value(bench: Bench, exchange: Exchange, upstream: Any, kept: Any) -> None:
    upstream.answers(200, b'{"card":"%b","iban":"FR7630006000011234567890189"}' % CARD)
    answer = Response(200, b"OK", exchange.primary.outcome.headers, b'{"card":"5500005555555559","iban":"DE89"}')
    await bench.runner.handle(structs.replace(exchange, primary=structs.replace(exchange.primary, outcome=answer)))
    [record] = kept.records
    assert record.verdict is Verdict.MISMATCH
    assert not any(secret in repr(record) for secret in ("4111111111111111", "5500005555555559", "FR76", "s3cr3t"))


async def test_a_full_store_is_counted(bench: Bench, exchange: Exchange, upstream: Any, kept: Any) -> None:
    upstream.answers(200, b"{}")
    kept.full = True
    await bench.runner.handle(exchange)
    assert counted(kept)["dropped", "store-full"] == 1


async def test_our_own_mistake_is_kept_blank_and_stops_nothing(
    bench: Bench,
    exchange: Exchange,
    upstream: Any,
    kept: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("saw s3cr3t")

    upstream.answers(200, b'{"amount":"10.00"}')
    with monkeypatch.context() as patch:
        patch.setattr("proxy.shadow.runner.compare", broken)
        await bench.runner.handle(exchange)
    await bench.runner.handle(exchange)
    first, second = kept.records
    assert (first.verdict, first.reason, first.exchange.request.headers) == (Verdict.INCONCLUSIVE, "internal", ())
    assert second.verdict is Verdict.MATCH
    assert "s3cr3t" not in caplog.text + repr(first)
    assert "RuntimeError at test_runner.py:" in caplog.text


async def test_a_route_has_its_own_bounds_and_the_others_are_not_held_up(
    make_table: Tables, route: Route, exchange: Exchange, upstream: Any, sender: Any, kept: Any
) -> None:
    slow = replace(route, shadowing=Shadowing(max_in_flight=1, timeout=60))
    bench = Bench(make_table(slow, replace(route, name="other")), sender, kept)
    upstream.answers(200, b'{"amount":"10.00"}')
    upstream.gate.clear()
    tasks = [asyncio.create_task(bench.runner.handle(exchange)) for _ in range(3)]
    other = structs.replace(exchange, plan=structs.replace(exchange.plan, route="other"))
    tasks.append(asyncio.create_task(bench.runner.handle(other)))
    async with asyncio.timeout(10):
        while len(upstream.heard) < 2:
            await asyncio.sleep(0.002)
        assert len(sender.sent) == 2, "one of each route; two wait"
        upstream.gate.set()
        await asyncio.gather(*tasks)
    assert [record.verdict for record in kept.records] == [Verdict.MATCH] * 4


async def test_what_is_over_the_routes_bounds_is_dropped_and_counted(
    make_table: Tables, route: Route, exchange: Exchange, upstream: Any, sender: Any, kept: Any
) -> None:
    bench = Bench(make_table(replace(route, shadowing=Shadowing(max_rate=1.0))), sender, kept)
    upstream.answers(200, b"{}")
    for _ in range(3):
        await bench.runner.handle(exchange)
    assert len(kept.records) == len(upstream.heard) == 1
    assert counted(kept)["dropped", "shadow-rate"] == 2
    assert counted(kept)["shadow", "read-payment", "dropped"] == 2


async def test_an_exchange_that_is_cut_off_is_counted(
    bench: Bench, exchange: Exchange, upstream: Any, kept: Any
) -> None:
    task = asyncio.create_task(bench.runner.handle(exchange))
    async with asyncio.timeout(10):
        while not upstream.heard:
            await asyncio.sleep(0.002)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (kept.records, counted(kept)["dropped", "runner-stopped"]) == ([], 1)


async def test_each_exchange_ends_as_one_record_or_one_drop(
    make_table: Tables, route: Route, exchange: Exchange, kept: Any
) -> None:
    outcomes = itertools.cycle(
        [Response(200, b"OK", (), b"x"), RuntimeError(), *(Failure(kind, True, "") for kind in FailureKind)]
    )

    class Moody:
        async def send(self, backend: str, request: Request, hop: Hop, timeout: float) -> Response | Failure:
            outcome = next(outcomes)
            await asyncio.sleep(0)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

    bench = Bench(make_table(replace(route, shadowing=Shadowing(max_in_flight=3, max_rate=50.0))), Moody(), kept)
    methods = itertools.cycle([b"GET", b"POST", b"HEAD"])
    requests = [structs.replace(exchange.request, method=next(methods)) for _ in range(200)]
    tasks = [
        asyncio.create_task(bench.runner.handle(structs.replace(exchange, request=request))) for request in requests
    ]
    for _ in range(6):
        await asyncio.sleep(0)
    for task in tasks[::7]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    dropped = sum(n for (name, *_), n in counted(kept).items() if name == "dropped")
    assert len(kept.records) + dropped == 200
    assert kept.records
    assert dropped


async def test_of_many_with_one_outcome_some_are_kept_whole_and_all_are_kept(
    bench: Bench, exchange: Exchange, kept: Any, upstream: Any
) -> None:
    upstream.answers(200, b'{"amount":"10.00"}')
    for _ in range(FIRST + THEN_ONE_IN):
        await bench.runner.handle(exchange)
    whole = [record.is_whole for record in kept.records]
    assert (len(whole), sum(whole), all(whole[:FIRST])) == (FIRST + THEN_ONE_IN, FIRST + 1, True)
    upstream.answers(200, b'{"amount":"10.01"}')
    await bench.runner.handle(exchange)
    assert kept.records[-1].is_whole
