"""The stateful way: under its twins' names, in its turn, or not at all, and then with a gap."""

import asyncio
import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from msgspec import structs

from comparators import Answer, Verdict, compile_policy
from proxy.messages import (
    OVER_CAP,
    Exchange,
    Failure,
    FailureKind,
    Headers,
    Hop,
    Observation,
    Plan,
    Request,
    Response,
    Stage,
    System,
)
from proxy.redaction import RedactionRules
from proxy.routing.entities import Entity
from proxy.routing.route import Backend, Effects, Route, Shadowing
from proxy.routing.sandbox import ByHeader, ByOperator, CardData
from proxy.routing.table import ComparePolicy, RouteTable
from proxy.shadow.ground import Ground, Terms
from proxy.shadow.lane import Drop
from proxy.shadow.stateful import Stateful
from proxy.store.record import Record

PAYMENT = Entity("payment", ("/v1/payments/{id}", "$.id", "$.payment", "$.data[*].id"), "pay_.+")
JSON: Headers = ((b"Content-Type", b"application/json"),)
SANDBOX = Backend("sandbox", "http", "127.0.0.1", 1, effects=Effects.SANDBOX, attest=ByOperator())
ROUTE = Route(
    "all",
    "legacy",
    stage=Stage.SHADOW,
    shadow_candidate="sandbox",
    shadowing=Shadowing(timeout=1.0, writes=frozenset({"sandbox"})),
)


def answer(status: int, document: Any, headers: Headers = JSON) -> Response:
    return Response(status, b"", headers, json.dumps(document).encode())


def read(response: Response, backend: str, exchange: Exchange) -> Answer:
    return Answer(response.status, response.headers, response.body)


@dataclass
class Bench:
    """The way, with a sandbox that answers what `answers` says next; `sent`: copies that reached it."""

    stateful: Stateful
    backend: Backend = SANDBOX
    answers: list[Response | Failure] = field(default_factory=list)
    sent: list[tuple[Request, int | None]] = field(default_factory=list)
    number: int = 0

    def table(self) -> RouteTable:
        live = Backend("legacy", "http", "127.0.0.1", 2)
        policy = ComparePolicy("default", compile_policy(headers=["location"]), RedactionRules())
        backends = {"legacy": live, "sandbox": self.backend}
        return RouteTable("t", (ROUTE,), backends, {"default": policy}, "h", entities=(PAYMENT,))

    async def observe(
        self, exchange: Exchange, copy: Request, backend: Backend, terms: Terms, address: int | None
    ) -> Observation:
        self.sent.append((copy, address))
        return Observation(System.CANDIDATE, backend.name, self.answers.pop(0), 0.01)

    async def exchange(
        self, method: bytes, target: bytes, outcome: Response | Failure, body: Any = None, **plan: Any
    ) -> Record | Drop:
        self.number += 1
        raw = b"" if body is None else json.dumps(body).encode()
        planned = structs.replace(Plan("all", Stage.SHADOW, System.LEGACY, "legacy", "sandbox", "why"), **plan)
        primary = Observation(System.LEGACY, "legacy", outcome, 0.01)
        request = Request(method, target, JSON, raw)
        hop = Hop(b"192.0.2.1", False, False)
        one = Exchange(f"x-{self.number}", 1000.0 + self.number, "h", hop, request, planned, primary)
        ground = Ground(self.table, b"0123456789abcdef", lambda: 0.0)
        terms = ground.terms(planned)
        assert terms is not None
        return await self.stateful.follow(one, terms, ground.backend(planned), self.observe, read)

    async def ended(self, *words: Any, **more: Any) -> tuple[str, str | None]:
        """The verdict and the reason of one exchange, or why it was dropped."""
        record = await self.exchange(*words, **more)
        return (record.verdict, record.reason) if isinstance(record, Record) else ("dropped", record)

    async def paired(self, ours: str = "pay_a", theirs: str = "pay_1") -> None:
        self.answers.append(answer(201, {"id": theirs}))
        assert await self.ended(b"POST", b"/v1/payments", answer(201, {"id": ours}), {}) == (Verdict.MATCH, None)


@pytest.fixture
def bench(stateful: Stateful) -> Bench:
    return Bench(stateful)


async def test_what_was_created_is_paired_and_later_copies_name_the_twin(bench: Bench) -> None:
    await bench.paired()
    bench.answers.append(answer(200, {"id": "pay_1", "amount": 5}))
    found = await bench.ended(b"GET", b"/v1/payments/pay_a", answer(200, {"id": "pay_a", "amount": 5}))
    assert found == (Verdict.MATCH, None)
    assert bench.sent[-1][0].target == b"/v1/payments/pay_1"
    headers: Headers = (*JSON, (b"Location", b"/v1/payments/pay_1"))
    bench.answers.append(answer(201, {"payment": "pay_1"}, headers))
    headers = (*JSON, (b"Location", b"/v1/payments/pay_a"))
    refund = answer(201, {"payment": "pay_a"}, headers)
    assert await bench.ended(b"POST", b"/v1/refunds", refund, {"payment": "pay_a"}) == (Verdict.MATCH, None)
    assert bench.sent[-1][0].body == b'{"payment": "pay_1"}'


async def test_a_wrong_id_is_a_difference(bench: Bench) -> None:
    await bench.paired()
    await bench.paired("pay_b", "pay_2")
    bench.answers.append(answer(200, {"id": "pay_2"}))
    record = await bench.exchange(b"GET", b"/v1/payments/pay_a", answer(200, {"id": "pay_a"}))
    assert isinstance(record, Record)
    assert record.verdict is Verdict.MISMATCH
    assert [each.path for each in record.differences] == ["$.id"]


async def test_a_write_is_marked_has_a_key_of_its_own_and_goes_to_an_attested_address(bench: Bench) -> None:
    await bench.paired()
    copy, address = bench.sent[0]
    fields = dict(copy.headers)
    assert fields[b"X-Strangler-Shadow"] == b"1"
    assert fields[b"Idempotency-Key"].startswith(b"strangler-")
    assert address == 0


async def test_an_id_without_a_twin_is_not_sent(bench: Bench) -> None:
    look = (b"GET", b"/v1/payments/pay_a", answer(200, {"id": "pay_a"}))
    assert await bench.ended(*look) == (Verdict.INCONCLUSIVE, "unpaired")
    bench.backend = replace(SANDBOX, attest=None)
    assert await bench.ended(*look) == (Verdict.INCONCLUSIVE, "absent")
    assert bench.sent == []


async def test_a_list_of_what_was_never_copied_is_no_mismatch(bench: Bench) -> None:
    bench.answers.append(answer(200, {"data": []}))
    listed = answer(200, {"data": [{"id": "pay_old"}]})
    assert await bench.ended(b"GET", b"/v1/payments", listed) == (Verdict.INCONCLUSIVE, "unpaired")


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Failure(FailureKind.TIMEOUT, True, ""), "shadow-timeout"),
        (Failure(FailureKind.REFUSED, False, ""), "shadow-refused"),
    ],
)
async def test_a_write_that_did_not_arrive_leaves_a_gap(bench: Bench, outcome: Failure, reason: str) -> None:
    await bench.paired()
    bench.answers.append(outcome)
    captured = answer(200, {"id": "pay_a"})
    write = await bench.ended(b"POST", b"/v1/payments/pay_a/capture", captured, {})
    assert write == (Verdict.INCONCLUSIVE, reason)
    sent = len(bench.sent)
    assert await bench.ended(b"GET", b"/v1/payments/pay_a", captured) == (Verdict.INCONCLUSIVE, "gap")
    assert len(bench.sent) == sent


@pytest.mark.parametrize(
    ("status", "gap"), [(200, True), (500, True), (409, False)], ids=["done", "who knows", "nothing was done"]
)
async def test_only_what_the_primary_may_have_done_leaves_a_gap(bench: Bench, status: int, gap: bool) -> None:
    await bench.paired()
    captured = answer(status, {"id": "pay_a"})
    assert await bench.ended(b"POST", b"/v1/payments/pay_a/capture", captured, {}, spared=True) == (
        "dropped",
        "not-copied",
    )
    bench.answers.append(answer(200, {"id": "pay_1"}))
    verdict, _ = await bench.ended(b"GET", b"/v1/payments/pay_a", answer(200, {"id": "pay_a"}))
    assert (verdict is Verdict.INCONCLUSIVE) is gap


async def test_a_write_whose_body_was_not_kept_leaves_a_gap_in_all(bench: Bench) -> None:
    await bench.paired()
    await bench.exchange(b"POST", b"/v1/x", answer(200, {}), spared=True, reason=OVER_CAP)
    look = (b"GET", b"/v1/payments/pay_a", answer(200, {"id": "pay_a"}))
    assert await bench.ended(*look) == (Verdict.INCONCLUSIVE, "gap")


async def test_an_answer_that_does_not_attest_stops_the_sandbox(bench: Bench) -> None:
    bench.backend = replace(SANDBOX, attest=ByHeader("X-Dry-Run", "1"))
    bench.stateful.attestations.probed("sandbox", 0, True)
    bench.answers.append(answer(201, {"id": "pay_1"}))
    made = (b"POST", b"/v1/payments", answer(201, {"id": "pay_a"}), {})
    assert await bench.ended(*made) == (Verdict.INCONCLUSIVE, "answer-not-attested")
    assert await bench.ended(*made) == (Verdict.INCONCLUSIVE, "writes-stopped")
    assert len(bench.sent) == 1


async def test_without_the_store_nothing_is_sent_that_names_anything(bench: Bench, shelf: Any) -> None:
    shelf.broken = True
    look = (b"GET", b"/v1/payments/pay_a", answer(200, {"id": "pay_a"}))
    assert await bench.ended(*look) == (Verdict.INCONCLUSIVE, "twins-unavailable")


async def test_a_card_number_does_not_leave(bench: Bench) -> None:
    body = {"number": "4539148803436467"}
    made = answer(201, {"id": "pay_a"})
    assert await bench.ended(b"POST", b"/v1/payments", made, body) == (Verdict.INCONCLUSIVE, "card-data")
    assert bench.sent == []


async def test_what_stood_in_for_an_address_is_no_difference(bench: Bench) -> None:
    bench.backend = replace(SANDBOX, card_data=CardData.SUBSTITUTE)
    body = {"email": "ann@shop.example"}

    class Echo(Bench):
        async def observe(self, exchange: Exchange, copy: Request, *_: Any) -> Observation:
            return Observation(System.CANDIDATE, "sandbox", Response(201, b"", JSON, copy.body), 0.01)

    echo = Echo(bench.stateful, bench.backend)
    assert await echo.ended(b"POST", b"/v1/customers", answer(201, body), body) == (Verdict.MATCH, None)


async def test_what_follows_from_a_write_that_ended_differently_is_its_cascade(bench: Bench) -> None:
    await bench.paired()
    bench.answers += [answer(409, {"error": "stuck"}), answer(200, {"id": "pay_1", "status": "held"})]
    captured = answer(200, {"id": "pay_a", "status": "captured"})
    first = await bench.exchange(b"POST", b"/v1/payments/pay_a/capture", captured, {})
    second = await bench.exchange(b"GET", b"/v1/payments/pay_a", captured)
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert (first.verdict, first.reason) == (Verdict.MISMATCH, None)
    assert (second.verdict, second.reason) == (Verdict.MISMATCH, f"cascade of {first.fingerprint}")
    assert second.fingerprint is None
    assert {each.rule for each in second.differences} == {f"cascade of {first.fingerprint}"}


async def test_a_read_waits_for_the_write_before_it(bench: Bench) -> None:
    gate = asyncio.Event()
    order: list[bytes] = []

    class Slow(Bench):
        async def observe(
            self, exchange: Exchange, copy: Request, backend: Backend, terms: Terms, address: int | None
        ) -> Observation:
            order.append(copy.method)
            if copy.method == b"POST":
                await gate.wait()
            return await Bench.observe(self, exchange, copy, backend, terms, address)

    slow = Slow(bench.stateful, answers=[answer(201, {"id": "pay_1"}), answer(200, {"id": "pay_1"})])
    made = answer(200, {"id": "pay_a"})
    create = asyncio.create_task(slow.ended(b"POST", b"/v1/payments", structs.replace(made, status=201), {}))
    await asyncio.sleep(0)
    looking = asyncio.create_task(slow.ended(b"GET", b"/v1/payments/pay_a", made))
    while not order:
        await asyncio.sleep(0.001)
    gate.set()
    assert await create == (Verdict.MATCH, None)
    assert await looking == (Verdict.MATCH, None)
    assert order == [b"POST", b"GET"]


async def test_a_write_that_is_cut_short_leaves_a_gap(bench: Bench) -> None:
    await bench.paired()

    class Hanging(Bench):
        async def observe(self, *_: Any) -> Observation:
            await asyncio.Event().wait()
            raise AssertionError

    hanging = Hanging(bench.stateful, number=5)
    captured = answer(200, {"id": "pay_a"})
    task = asyncio.create_task(hanging.ended(b"POST", b"/v1/payments/pay_a/capture", captured, {}))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    bench.number = 10
    assert await bench.ended(b"GET", b"/v1/payments/pay_a", captured) == (Verdict.INCONCLUSIVE, "gap")


async def test_what_was_never_handled_leaves_a_gap(bench: Bench) -> None:
    await bench.paired()
    plan = Plan("all", Stage.SHADOW, System.LEGACY, "legacy", "sandbox", "why", writes=True)
    primary = Observation(System.LEGACY, "legacy", answer(200, {"id": "pay_a"}), 0.01)
    request = Request(b"POST", b"/v1/payments/pay_a/capture", JSON, b"")
    missed = Exchange("x-9", 1005.0, "h", Hop(b"", False, False), request, plan, primary)
    bench.stateful.missed(missed, Ground(bench.table, b"0123456789abcdef", lambda: 0.0).terms(plan))
    look = (b"GET", b"/v1/payments/pay_a", answer(200, {"id": "pay_a"}))
    assert await bench.ended(*look) == (Verdict.INCONCLUSIVE, "gap")


async def test_of_what_nobody_knows_all_that_was_known_by_then_has_one(bench: Bench) -> None:
    await bench.paired()
    await bench.paired("pay_b", "pay_2")
    plan = Plan("gone", Stage.SHADOW, System.LEGACY, "legacy", "sandbox", "why", writes=True)
    primary = Observation(System.LEGACY, "legacy", answer(200, {}), 0.0)
    request = Request(b"POST", b"/", JSON, b"")
    missed = Exchange("x-9", 1001.5, "h", Hop(b"", False, False), request, plan, primary)
    bench.stateful.missed(missed, None)
    first = (b"GET", b"/v1/payments/pay_a", answer(200, {"id": "pay_a"}))
    assert await bench.ended(*first) == (Verdict.INCONCLUSIVE, "gap")
    bench.answers.append(answer(200, {"id": "pay_2"}))
    later = (b"GET", b"/v1/payments/pay_b", answer(200, {"id": "pay_b"}))
    assert await bench.ended(*later) == (Verdict.MATCH, None)


def lines(*ids_and_amounts: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"id": name, "amount": amount} for name, amount in ids_and_amounts]


async def test_elements_of_a_list_are_paired_if_nothing_speaks_against_it(bench: Bench) -> None:
    bench.answers.append(answer(201, {"data": lines(("pay_1", 1), ("pay_2", 2))}))
    ours = answer(201, {"data": lines(("pay_a", 1), ("pay_b", 2))})
    assert await bench.ended(b"POST", b"/v1/batch", ours, {}) == (Verdict.MATCH, None)
    bench.answers.append(answer(200, {"id": "pay_2"}))
    look = (b"GET", b"/v1/payments/pay_b", answer(200, {"id": "pay_b"}))
    assert await bench.ended(*look) == (Verdict.MATCH, None)


async def test_elements_in_another_order_are_not_paired(bench: Bench) -> None:
    bench.answers.append(answer(201, {"data": lines(("pay_2", 2), ("pay_1", 1))}))
    ours = answer(201, {"data": lines(("pay_a", 1), ("pay_b", 2))})
    verdict, _ = await bench.ended(b"POST", b"/v1/batch", ours, {})
    assert verdict is Verdict.MISMATCH
    look = (b"GET", b"/v1/payments/pay_b", answer(200, {"id": "pay_b"}))
    assert await bench.ended(*look) == (Verdict.INCONCLUSIVE, "unpaired")
