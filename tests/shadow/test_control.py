import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from msgspec import structs

from comparators import Kind, Verdict
from proxy.messages import Exchange, Failure, FailureKind, Hop, Request, Response, Stage, System
from proxy.routing.route import Backend, Route, Shadowing
from proxy.routing.table import RouteTable
from proxy.shadow.ground import Ground
from proxy.shadow.health import FAILURES
from proxy.shadow.runner import ShadowRunner
from proxy.store.record import Control, Record
from tests.shadow.conftest import Shelf, Vault, stateful_of

CARD = b"4111111111111111"
JSON = ((b"Content-Type", b"application/json"),)
Tables = Callable[..., RouteTable]
Said = Response | Failure | Exception


def answer(body: bytes = b'{"amount":"10.00"}', status: int = 200) -> Response:
    return Response(status, b"OK", JSON, body)


@dataclass
class Systems:
    """A sender: what each backend says, what was sent to it, and a gate for the second legacy's answers."""

    payments: Said = field(default_factory=answer)
    second: Said = field(default_factory=answer)
    sent: list[tuple[str, Request]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(
        self, backend: str, request: Request, hop: Hop, timeout: float, address: int | None = None
    ) -> Response | Failure:
        self.sent.append((backend, request))
        said = self.second if backend == "second" else self.payments
        if backend == "second":
            await self.gate.wait()
        if isinstance(said, Exception):
            raise said
        return said


class Bench:
    """A runner on a route with a noise control."""

    def __init__(self, table: RouteTable, kept: Any) -> None:
        self.systems, self.kept = Systems(), kept
        self.systems.gate.set()
        ground = Ground(lambda: table, b"0123456789abcdef", lambda: 0.0)
        self.runner = ShadowRunner(ground, self.systems, kept, kept, lambda: 0.0, stateful_of(Shelf(), Vault()))

    async def handled(self, exchange: Exchange) -> Record:
        await self.runner.handle(exchange)
        record: Record = self.kept.records[-1]
        return record

    async def control(self, exchange: Exchange) -> Control:
        control = (await self.handled(exchange)).control
        assert control is not None
        return control

    def outcomes(self) -> Counter[str]:
        noise = "strangler_noise_total"
        return Counter({labels[-1]: n for (name, *labels), n in self.kept.counts.items() if name == noise})


@pytest.fixture
def table(make_table: Tables, route: Route) -> RouteTable:
    made = make_table(replace(route, shadowing=Shadowing(timeout=5.0, max_in_flight=2, noise="second")))
    second = Backend("second", "http", "127.0.0.1", 2)
    return replace(made, backends={**made.backends, "second": second})


@pytest.fixture
def bench(table: RouteTable, kept: Any) -> Bench:
    return Bench(table, kept)


async def test_the_second_legacy_hears_the_same_marked_copy_once(bench: Bench, exchange: Exchange) -> None:
    assert await bench.control(exchange) == Control("compared")
    assert sorted(backend for backend, _ in bench.systems.sent) == ["payments", "second"]
    first, second = (request for _, request in bench.systems.sent)
    assert first == second
    assert (b"X-Strangler-Shadow", b"1") in second.headers
    assert bench.outcomes() == {"compared": 1}


async def test_what_legacy_says_otherwise_the_second_time_is_kept_beside_the_comparison(
    bench: Bench, exchange: Exchange
) -> None:
    bench.systems.second = answer(b'{"amount":"10.00","request_id":"b"}')
    bench.systems.payments = answer(b'{"amount":"10.01"}')
    record = await bench.handled(exchange)
    assert record.verdict is Verdict.MISMATCH
    assert [each.path for each in record.differences] == ["$.amount"]
    assert record.control is not None
    [noise] = record.control.differences
    assert (noise.path, noise.kind, noise.legacy, noise.candidate) == ("$.request_id", Kind.ADDED, None, '"b"')


async def test_a_location_on_each_ones_own_host_is_no_noise(bench: Bench, exchange: Exchange) -> None:
    def made(port: int) -> Response:
        return Response(201, b"Created", ((b"Location", b"http://127.0.0.1:%d/v1/payments/pay_1" % port),), b"")

    legacy = structs.replace(exchange.primary, outcome=made(1))
    bench.systems.payments = bench.systems.second = made(2)
    control = await bench.control(structs.replace(exchange, primary=legacy))
    assert control == Control("compared")


async def test_legacys_answer_is_the_shadows_when_the_candidate_is_the_primary(
    bench: Bench, exchange: Exchange
) -> None:
    plan = structs.replace(exchange.plan, primary=System.CANDIDATE, stage=Stage.REVERSE_SHADOW)
    primary = structs.replace(exchange.primary, system=System.CANDIDATE)
    bench.systems.payments = answer(b'{"amount":"7.00"}')  # what legacy answers as the shadow
    bench.systems.second = answer(b'{"amount":"8.00"}')
    control = await bench.control(structs.replace(exchange, plan=plan, primary=primary))
    [noise] = control.differences
    assert (noise.legacy, noise.candidate) == ('"7.00"', '"8.00"')


async def test_one_difference_of_each_cause_is_kept_and_none_that_a_rule_excuses(
    bench: Bench, exchange: Exchange
) -> None:
    legacy = answer(b'{"rows":[{"id":"a"},{"id":"b"},{"n":1}]}')
    bench.systems.payments, bench.systems.second = legacy, answer(b'{"rows":[{"id":"x"},{"id":"y"},{"n":1.0}]}')
    control = await bench.control(structs.replace(exchange, primary=structs.replace(exchange.primary, outcome=legacy)))
    assert [each.path for each in control.differences] == ["$.rows[0].id"]


async def test_nothing_clear_is_kept(bench: Bench, exchange: Exchange) -> None:
    bench.systems.second = answer(b'{"amount":"10.00","note":"%b"}' % CARD)
    assert CARD.decode() not in repr(await bench.handled(exchange))


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (Failure(FailureKind.REFUSED, False, "nobody"), "refused"),
        (Failure(FailureKind.TIMEOUT, True, "late"), "timeout"),
        (answer(b"{}", 503), "other-status"),
        (structs.replace(answer(), headers=(*JSON, (b"Content-Encoding", b"nonesuch"))), "unreadable"),
        (RuntimeError("ours"), "internal"),
    ],
)
async def test_a_second_legacy_that_is_not_well_is_counted_and_changes_nothing(
    bench: Bench, exchange: Exchange, said: Said, word: str
) -> None:
    bench.systems.second = said
    record = await bench.handled(exchange)
    assert (record.verdict, record.differences) == (Verdict.MATCH, ())
    assert record.control == Control(word)
    assert bench.outcomes() == {word: 1}


async def test_our_own_mistake_in_the_control_costs_the_control_only(
    bench: Bench, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr("proxy.shadow.control.compare", broken)
    record = await bench.handled(exchange)
    assert (record.verdict, record.control) == (Verdict.MATCH, Control("internal"))


async def test_where_the_candidate_gave_no_answer_there_is_no_pair(bench: Bench, exchange: Exchange) -> None:
    bench.systems.payments = Failure(FailureKind.RESET, True, "hung up")
    assert await bench.control(exchange) == Control("no-comparison")


async def test_a_list_at_its_bound_is_no_pair(bench: Bench, exchange: Exchange) -> None:
    """What was left out could be what matters."""
    rows = answer(b'{"rows":[%b]}' % b",".join(b'{"n":1}' for _ in range(150)))
    bench.systems.payments = answer(b'{"rows":[%b]}' % b",".join(b'{"n":2}' for _ in range(150)))
    bench.systems.second = rows
    asked = structs.replace(exchange, primary=structs.replace(exchange.primary, outcome=rows))
    assert await bench.control(asked) == Control("too-many-differences")
    bench.systems.payments, bench.systems.second = rows, bench.systems.payments
    assert await bench.control(asked) == Control("too-many-differences")


async def test_where_legacy_gave_no_answer_nothing_is_compared(bench: Bench, exchange: Exchange) -> None:
    plan = structs.replace(exchange.plan, primary=System.CANDIDATE, stage=Stage.REVERSE_SHADOW)
    primary = structs.replace(exchange.primary, system=System.CANDIDATE)
    bench.systems.payments = Failure(FailureKind.RESET, True, "hung up")
    record = await bench.handled(structs.replace(exchange, plan=plan, primary=primary))
    assert (record.verdict, record.control) == (Verdict.INCONCLUSIVE, Control("no-comparison"))


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"DELETE", b"PATCH"])
async def test_a_write_is_sent_to_neither(bench: Bench, exchange: Exchange, method: bytes) -> None:
    written = structs.replace(exchange, request=structs.replace(exchange.request, method=method))
    assert (await bench.handled(written)).control is None
    assert bench.systems.sent == []


async def test_a_second_legacy_that_the_table_no_longer_has_gets_nothing(
    make_table: Tables, route: Route, exchange: Exchange, kept: Any
) -> None:
    bench = Bench(make_table(replace(route, shadowing=Shadowing(noise="gone"))), kept)
    assert await bench.control(exchange) == Control("backend-unknown")
    assert [backend for backend, _ in bench.systems.sent] == ["payments"]


async def test_a_slow_second_legacy_holds_up_no_other_comparison(bench: Bench, exchange: Exchange) -> None:
    """Two hang, as many as the route allows; who comes then is compared without a control."""
    bench.systems.gate.clear()
    slow = [asyncio.create_task(bench.runner.handle(exchange)) for _ in range(2)]
    while [backend for backend, _ in bench.systems.sent].count("second") < 2:
        await asyncio.sleep(0)
    assert await bench.control(exchange) == Control("queue-full")
    assert len(bench.kept.records) == 1
    bench.systems.gate.set()
    await asyncio.gather(*slow)
    assert [record.verdict for record in bench.kept.records] == [Verdict.MATCH] * 3


async def test_a_second_legacy_that_stays_down_is_left_alone(bench: Bench, exchange: Exchange) -> None:
    bench.systems.second = Failure(FailureKind.REFUSED, False, "nobody")
    for _ in range(FAILURES + 3):
        await bench.runner.handle(exchange)
    assert bench.outcomes() == {"refused": FAILURES, "unhealthy": 3}
    assert len(bench.kept.records) == FAILURES + 3


async def test_a_comparison_that_is_dropped_asks_no_second_legacy(bench: Bench, exchange: Exchange) -> None:
    bench.systems.payments = Failure(FailureKind.REFUSED, False, "nobody")
    for _ in range(FAILURES + 1):
        await bench.runner.handle(exchange)
    assert [backend for backend, _ in bench.systems.sent].count("second") == FAILURES


async def test_what_is_cut_off_leaves_nothing_running(bench: Bench, exchange: Exchange) -> None:
    bench.systems.gate.clear()
    task = asyncio.create_task(bench.runner.handle(exchange))
    while len(bench.systems.sent) < 2:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert bench.kept.records == []


async def test_a_route_without_a_second_legacy_asks_none(
    make_table: Tables, route: Route, exchange: Exchange, kept: Any
) -> None:
    bench = Bench(make_table(route), kept)
    assert (await bench.handled(exchange)).control is None
    assert len(bench.systems.sent) == 1
