"""One batch, one transaction; twice is once."""

from sqlalchemy import func, select

from proxy.store import tables
from proxy.store.batch import load_known
from proxy.store.counting import Bounds
from proxy.store.engine import Store
from proxy.store.periods import WIDTHS
from proxy.store.record import Record, Tally
from tests.store.made import AMOUNT, EXCUSED, put_in, record


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
