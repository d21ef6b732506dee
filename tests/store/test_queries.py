"""The read side: what was put in is what a report says."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import event

from comparators import Difference, Kind, Severity
from proxy.messages import System
from proxy.store.engine import Store
from proxy.store.errors import StoreError
from proxy.store.queries import open_queries
from proxy.store.record import Record, Tally
from proxy.store.traffic import recent_traffic
from tests.store.databases import execute
from tests.store.made import AMOUNT, EXCUSED, NOON, inconclusive, put_in, record

STATUS = Difference("status", Kind.STATUS, "402", "422")


async def put(store: Store, records: Sequence[Record], tallies: Sequence[Tally] = ()) -> None:
    await store.run(put_in, records, tallies, store.salt)


async def test_an_empty_store_has_an_empty_report(store: Store, url: str) -> None:
    async with open_queries(url) as queries:
        report = await queries.report()
        assert (report.routes, report.first, report.last, report.dropped) == ((), None, None, ())
        assert await queries.findings() == ()
        assert await queries.exchange("x") is None


async def test_a_report_of_two_routes(store: Store, url: str) -> None:
    await put(store, [record("1", AMOUNT), record("2", AMOUNT, EXCUSED, at=NOON + 5), record("3"), inconclusive("4")])
    await put(store, [record("5", EXCUSED, route="list")], [Tally("w", NOON, (("dropped", "full", 3), ("x", "y", 1)))])
    async with open_queries(url) as queries:
        report = await queries.report()
        only = await queries.report(route="list")
    assert (report.first, report.last) == (NOON, NOON + 5)
    assert [(each.reason, each.count) for each in report.dropped] == [("full", 3)]
    create, listed = report.routes
    assert (create.route, create.match, create.ignored, create.mismatch, create.inconclusive) == (
        "create-payment",
        1,
        0,
        2,
        1,
    )
    assert [(each.system, each.kind, each.count) for each in create.failures] == [(System.CANDIDATE, "timeout", 1)]
    (amount,) = create.fields
    assert (amount.pattern, amount.count, amount.share) == ("$.lines[*].amount", 2, pytest.approx(2 / 3))
    assert (amount.exchange_id, amount.path, amount.legacy, amount.candidate) == (
        "2",
        AMOUNT.path,
        '"10.00"',
        '"10.01"',
    )
    assert (amount.first_seen, amount.last_seen) == (NOON, NOON + 5)
    assert create.legacy is not None
    assert create.candidate is not None
    assert (create.legacy.count, create.candidate.count) == (4, 3)
    assert create.candidate.p50 == pytest.approx(0.01, rel=0.011)
    assert (listed.ignored, listed.excused[0].rule) == (1, "Ignore $..request_id")
    assert only.routes == (listed,)


async def test_since_leaves_out_what_was_before(store: Store, url: str) -> None:
    await put(
        store,
        [record("old", AMOUNT, at=NOON - 86_400), record("new", STATUS)],
        [Tally("gone", 1.0, (("dropped", "a", 1),))],
    )
    async with open_queries(url) as queries:
        report = await queries.report(since=NOON - 3_600)
        assert (await queries.report(since=NOON + 60)).routes == ()
    (route,) = report.routes
    assert (route.exchanges, [each.pattern for each in route.fields]) == (1, ["status"])
    assert report.dropped == ()
    assert report.first == NOON - 86_400


async def test_since_is_the_minute_from_which_on_is_counted(store: Store, url: str) -> None:
    await put(store, [record("1", at=NOON + 1)])
    async with open_queries(url) as queries:
        report = await queries.report(since=NOON + 59.5)
    assert (report.since, [route.exchanges for route in report.routes]) == (NOON, [1])


async def test_the_span_and_the_names_of_routes(store: Store, url: str) -> None:
    at = {"a": NOON, "b": NOON + 7, "c": NOON + 65, "d": NOON + 119, "e": NOON + 119.5}
    await put(store, [record(name, route="list" if name in "bd" else "all", at=when) for name, when in at.items()])
    async with open_queries(url) as queries:
        one, every, none = await queries.report(route="list"), await queries.report(), await queries.report(route="x")
        assert await queries.routes() == ("all", "list")
    assert (one.route, one.first, one.last) == ("list", NOON + 7, NOON + 119)
    assert (every.route, every.first, every.last) == (None, NOON, NOON + 119.5)
    assert (none.first, none.last) == (None, None)


async def test_copies_that_nobody_can_tell_of_are_counted_over_all_lives(store: Store, url: str) -> None:
    def tally(source: str, *counts: tuple[str, str, int]) -> Tally:
        return Tally(source, 1.0, counts)

    workers = [tally("w-0:a", ("copies", "taken", 7)), tally("w-0:b", ("copies", "taken", 4), ("copies", "lost", 1))]
    runner = tally("r-0:a", ("copies", "dropped", 2), ("dropped", "shadow-late", 2))
    await put(store, [record("1"), record("2", route="list"), inconclusive("3")], [*workers, runner])
    async with open_queries(url) as queries:
        assert (await queries.report()).unaccounted == 5
        assert (await queries.report(since=NOON + 3600, route="list")).unaccounted == 5


async def test_groups_with_the_differences_of_the_latest_example(store: Store, url: str) -> None:
    await put(
        store, [record(str(number), AMOUNT, EXCUSED) for number in range(9)] + [record("s", STATUS, route="other")]
    )
    async with open_queries(url) as queries:
        first, second = await queries.groups()
        assert await queries.groups(limit=1) == (first,)
        assert await queries.groups(route="other") == (second,)
    assert (first.count, first.causes, first.examples[-1]) == (9, (("$.lines[*].amount", "value", ""),), "8")
    assert first.differences == (AMOUNT,)


async def test_examples_of_many_findings_are_looked_for_once_a_route(store: Store, url: str) -> None:
    await put(store, [record(str(n), Difference(f"$.f{n}", Kind.VALUE, "1", "2")) for n in range(8)])
    asked: list[str] = []
    async with open_queries(url) as queries:
        engine = queries._connection.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
        found = await queries.findings()
    assert [len(finding.examples) for finding in found] == [1] * 8
    assert sum("findings.examples" in statement for statement in asked) == 1


async def test_a_report_does_not_look_at_exchanges(store: Store, url: str) -> None:
    """It says the same when they are gone."""
    await put(store, [record(str(number), AMOUNT) for number in range(50)])
    async with open_queries(url) as queries:
        before = await queries.report()
    gone = ("DELETE FROM exchanges", "DELETE FROM observations", "DELETE FROM differences", "DELETE FROM bodies")
    await execute(url, *gone)
    async with open_queries(url) as queries:
        assert await queries.report() == before


async def test_differences_keep_their_severity(store: Store, url: str) -> None:
    info = Difference("$.note", Kind.VALUE, "1", "2", None, Severity.INFO)
    added = Difference("$.extra", Kind.ADDED, None, "2")
    await put(store, [record("1", info, added)])
    async with open_queries(url) as queries:
        fields = {each.pattern: each.severity for each in (await queries.report()).routes[0].fields}
        (finding,) = await queries.groups()
        exchange = await queries.exchange("1")
    assert fields == {"$.note": Severity.INFO, "$.extra": Severity.ADDITIVE}
    assert finding.differences == (info, added)
    assert exchange is not None
    assert exchange.differences == (info, added)


async def test_a_store_that_is_not_there(url: str) -> None:
    with pytest.raises(StoreError, match="there is no store|is no store of strangler"):
        async with open_queries(url):
            pass


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_questions_of_two_hundred_thousand_exchanges_read_few_rows(store: Store, url: str) -> None:
    """What a page asks reads counters and examples: as few rows as one minute has, whatever the number of exchanges.
    How long that takes is in `python -m benchmarks.store`.
    """
    for first in range(0, 200_000, 4_000):
        moments = ((number, NOON + number / 50) for number in range(first, first + 4_000))
        thin = [
            replace(record(f"{number:032x}", *([AMOUNT] if number % 2 else []), at=at), is_whole=number % 20 == 0)
            for number, at in moments
        ]
        await put(store, thin)
    async with open_queries(url) as queries:
        (route,) = (await queries.report()).routes
        assert (route.exchanges, route.mismatch, route.fields[0].count) == (200_000, 100_000, 100_000)
        (since,) = (await queries.report(since=NOON + 3600)).routes
        assert since.exchanges == 20_000
    read = {"verdict_counts", "failure_counts", "latency_counts", "field_counts", "fields", "findings", "spans"}
    counts = [(await execute(url, f"SELECT count(*) FROM {name}"))[0][0] for name in read]  # noqa: S608
    assert sum(counts) < 1_000
    await execute(url, *(f"DELETE FROM {name}" for name in ("exchanges", "observations", "differences")))  # noqa: S608
    async with open_queries(url) as queries:
        assert (await queries.report()).routes == (route,)
    assert (await recent_traffic(url, NOON)).exchanges == 200_000
