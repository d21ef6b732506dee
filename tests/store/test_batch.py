"""One batch, one transaction; twice is once."""

from dataclasses import replace

from sqlalchemy import func, select

from comparators import Difference, Kind
from proxy.store import tables
from proxy.store.batch import load_known
from proxy.store.counting import Bounds
from proxy.store.engine import Store
from proxy.store.periods import WIDTHS
from proxy.store.record import COMPARED, Control, Record, Tally
from proxy.store.rows import SLACK
from tests.store.made import AMOUNT, EXCUSED, NOON, put_in, record


async def put(store: Store, *items: Record | Tally) -> None:
    records = [item for item in items if isinstance(item, Record)]
    tallies = [item for item in items if isinstance(item, Tally)]
    await store.run(put_in, records, tallies, store.salt)


async def total(store: Store, table: str, column: str) -> int:
    async with store.writing() as connection:
        found = await connection.execute(select(func.sum(tables.metadata.tables[table].c[column])))
        return int(found.scalar() or 0)


async def test_a_batch_that_is_repeated_counts_once(store: Store) -> None:
    batch = [record("1", AMOUNT, EXCUSED), record("2"), record("2")]
    await put(store, *batch)
    await put(store, *batch, record("3", AMOUNT))
    assert await total(store, "verdict_counts", "count") == 3 * len(WIDTHS)
    assert await total(store, "findings", "count") == 2
    assert await total(store, "field_counts", "count") == 3 * len(WIDTHS)
    assert await total(store, "latency_counts", "count") == 6 * len(WIDTHS)


async def test_a_finding_keeps_five_examples_over_batches(store: Store) -> None:
    for number in range(7):
        await put(store, record(str(number), AMOUNT))
    async with store.writing() as connection:
        row = (await connection.execute(select(tables.findings))).one()
    assert row.examples == '["2","3","4","5","6"]'
    assert row._mapping["count"] == 7


async def test_tallies_replace_and_never_go_back(store: Store) -> None:
    await put(store, Tally("w1", 1.0, (("dropped", "full", 5),)), Tally("w1", 2.0, (("dropped", "full", 9),)))
    await put(store, Tally("w1", 1.5, (("dropped", "full", 7),)), Tally("w2", 1.0, (("dropped", "full", 1),)))
    assert await total(store, "tallies", "value") == 10


async def test_nothing_is_a_batch_too(store: Store) -> None:
    await put(store)
    assert await total(store, "verdict_counts", "count") == 0


async def test_bounds_are_loaded_from_the_store(store: Store) -> None:
    await put(store, record("1", AMOUNT))
    bounds = (await store.run(load_known)).bounds
    full = Bounds()
    for distinct in (bounds.fields, full.fields):
        distinct._most = 0
    assert bounds.fields.admits("create-payment", "$.lines[*].amount", "value", "", "")
    assert not full.fields.admits("create-payment", "$.lines[*].amount", "value", "", "")


async def test_a_body_that_is_kept_long_enough_is_not_touched_again(store: Store) -> None:
    async def moments() -> set[float]:
        async with store.looking() as connection:
            return set((await connection.execute(select(tables.bodies.c.until))).scalars())

    await put(store, record("1"))
    assert await moments() == {NOON + SLACK}
    await put(store, record("2", at=NOON + SLACK))
    assert await moments() == {NOON + SLACK}
    await put(store, record("3", at=NOON + SLACK + 1))
    assert await moments() == {NOON + 2 * SLACK + 1}


async def test_pairs_of_values_with_a_lone_surrogate_are_kept_too(store: Store) -> None:
    odd = Difference("$.a", Kind.VALUE, "\ud800", "\udfff")
    await put(store, replace(record("1"), control=Control(COMPARED, (odd,))))
    async with store.looking() as connection:
        assert await connection.scalar(select(tables.noises.c.examples)) == '[["\\\\ud800","\\\\udfff"]]'
