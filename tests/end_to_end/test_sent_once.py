"""Nothing is sent twice: an upstream that counts, connections that end at every byte, and the race for idle ones."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.asking import Answered, Asker
from tests.end_to_end.counting import Lane, Strike, counting
from tests.end_to_end.serving import routes, serve
from tests.end_to_end.striking import BODIES, METHODS, POINTS, Case, Shape, cases, objection, pieces
from tests.support.process import Processes

LANES = 8
NOTICED = 0.05
"""Seconds for a strike to fall before the rest of a request is sent; a strike that falls later is as good."""


async def measured(asker: Asker, lane: Lane, index: int, method: bytes, body: str) -> Shape:
    """How long a request of this kind is when it reaches the upstream."""
    lane.arm(None, "sized")
    case = Case(method, body, "sized", "before the answer", False, Strike(0, 0, False))
    wire, rest = pieces(case, target(index, 0), Shape(0, 0))
    assert (await asker.ask(wire, rest, to_head=method == b"HEAD")).status == 200
    (attempt,) = lane.attempts
    assert attempt.total is not None
    return Shape(attempt.head, attempt.total)


def target(index: int, number: int) -> bytes:
    return b"/%d/c%07d" % (index, number)


class Trial:
    """All cases of one method over some lanes; each lane carries one request at a time."""

    def __init__(self, port: int, lanes: list[Lane]) -> None:
        self._port = port
        self._lanes = lanes
        self.objections: list[str] = []
        self.struck: Counter[str] = Counter()
        self.kept: Counter[bool] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.twice: Counter[bool] = Counter()

    async def run(self, method: bytes, number: int) -> None:
        asker = Asker(self._port)
        shapes = {body: await measured(asker, self._lanes[0], 0, method, body) for body in BODIES}
        asker.close()
        self._lanes[0].executed.clear()
        numbered = enumerate(cases(method, shapes, number), 1)
        lanes = (self._lane(index, lane, numbered, shapes) for index, lane in enumerate(self._lanes))
        await asyncio.gather(*lanes)
        executed = [count for lane in self._lanes for name, count in lane.executed.items() if b"warm" not in name]
        allowed = 2 if method in (b"GET", b"HEAD", b"OPTIONS") else 1
        self.objections += [f"executed {count} times in the end" for count in executed if count > allowed]

    async def _lane(
        self, index: int, lane: Lane, numbered: Iterator[tuple[int, Case]], shapes: dict[str, Shape]
    ) -> None:
        asker = Asker(self._port)
        for number, case in numbered:
            name = target(index, number)
            answered = await self._one(asker, lane, case, name, shapes[case.body])
            self._judge(lane, case, name, answered)
        asker.close()

    async def _one(self, asker: Asker, lane: Lane, case: Case, name: bytes, shape: Shape) -> Answered:
        lane.arm(None, "sized")
        if case.kept:
            warm = await asker.ask(b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % name.replace(b"/c", b"/warm"))
            assert warm.status == 200
        else:
            await lane.empty()
        lane.arm(case.strike, case.framing)
        first, rest = pieces(case, name, shape)
        await asker.send(first)
        if rest:
            await asyncio.wait([asyncio.ensure_future(lane.struck.wait())], timeout=NOTICED)
            await asker.send(rest)
        return await asker.answer(to_head=case.method == b"HEAD")

    def _judge(self, lane: Lane, case: Case, name: bytes, answered: Answered) -> None:
        self.struck[case.point] += lane.struck.is_set()
        self.kept[bool(lane.attempts) and lane.attempts[0].kept] += bool(lane.attempts)
        self.twice[len(lane.attempts) > 1] += 1
        self.outcomes[answered.problem or f"{answered.status} {'whole' if answered.whole else 'truncated'}"] += 1
        found = objection(case, lane.attempts, lane.executed[name], answered)
        if found is not None:
            self.objections.append(f"{found} ({case}; answer {answered.head[:60]!r})")


async def trial(run_process: Processes, folder: Path, method: bytes, number: int) -> Trial:
    async with counting(LANES) as lanes:
        deployment = serve(run_process, folder, routes([lane.port for lane in lanes]))
        found = Trial(deployment.port, lanes)
        await found.run(method, number)
        return found


def check(found: Trial, method: bytes, number: int) -> None:
    assert not found.objections, f"{len(found.objections)} objections, first: " + "\n".join(found.objections[:5])
    assert all(found.struck[point] >= 0.8 * number for point in POINTS), found.struck
    assert min(found.kept.values()) >= number, f"hardly ever {found.kept}"
    if method in (b"GET", b"HEAD", b"OPTIONS"):
        assert found.twice[True] > 0, "a safe request was never sent again: the counting proves nothing"
    else:
        assert found.outcomes["outcome-unknown"] >= number, found.outcomes


@pytest.mark.parametrize("method", METHODS, ids=bytes.decode)
async def test_a_request_is_executed_once_wherever_its_connection_is_struck(
    run_process: Processes, tmp_path: Path, method: bytes
) -> None:
    check(await trial(run_process, tmp_path / "serve", method, 60), method, 60)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("method", METHODS, ids=bytes.decode)
async def test_a_request_is_executed_once_in_ten_thousand_strikes_at_each_point(
    run_process: Processes, tmp_path: Path, method: bytes
) -> None:
    check(await trial(run_process, tmp_path / "serve", method, 10_000), method, 10_000)


async def race(asker: Asker, lane: Lane, index: int, rounds: int, chance: random.Random) -> Counter[str]:
    """POSTs over one lane, each after a gap around the second after which the upstream closes."""
    seen: Counter[str] = Counter()
    loop = asyncio.get_running_loop()
    for number in range(rounds):
        name = target(index, number)
        framing = b"Content-Length: 2\r\n\r\n{}" if number % 2 else b"Content-Length: 0\r\n\r\n"
        answered = await asker.ask(b"POST %b HTTP/1.1\r\nHost: a\r\n" % name + framing)
        ended = loop.time()
        seen[verdict(answered, lane.executed[name])] += 1
        width = 0.1 if number % 3 == 0 else 0.004
        await asyncio.sleep(ended + chance.uniform(1.0 - width, 1.0 + width) - loop.time())
    asker.close()
    return seen


def verdict(answered: Answered, executed: int) -> str:
    if executed > 1:
        return f"executed {executed} times"
    if answered.status == 200 and answered.whole:
        return "200" if executed == 1 else "a 200 that nobody executed"
    if answered.problem == "outcome-unknown" and not answered.retry_after:
        return "unknown"
    unsent = answered.status == 503 and answered.retry_after and executed == 0
    return "unsent" if unsent else f"wrong: {answered.head!r} {answered.body!r}"


async def raced(run_process: Processes, folder: Path, lanes_wanted: int, rounds: int) -> None:
    async with counting(lanes_wanted, idle=1.0) as lanes:
        text = routes([lane.port for lane in lanes], pool="idleTimeout: 5s")
        port = serve(run_process, folder, text).port
        chance = random.Random(7)
        runs = [race(Asker(port), lane, index, rounds, chance) for index, lane in enumerate(lanes)]
        seen = sum(await asyncio.gather(*runs), Counter[str]())
        executed = Counter(count for lane in lanes for count in lane.executed.values())
    assert set(seen) <= {"200", "unsent", "unknown"}, seen
    assert set(executed) <= {1}, executed
    assert seen["200"] > 0.5 * lanes_wanted * rounds, f"hardly anything got through: {seen}"


async def test_the_race_for_an_idle_connection_never_sends_a_payment_twice(
    run_process: Processes, tmp_path: Path
) -> None:
    await raced(run_process, tmp_path / "serve", 90, 7)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_ten_thousand_races_for_idle_connections(run_process: Processes, tmp_path: Path) -> None:
    await raced(run_process, tmp_path / "serve", 200, 51)
