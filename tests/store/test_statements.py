"""Many rows in one statement, on each database."""

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from proxy.store.engine import Store
from proxy.store.statements import AT_ONCE, TOGETHER, Merge, delete_rows, insert_rows, known_rows, merge_rows
from proxy.store.tables import spans, tallies

ROWS = [(f"w{number}", "dropped", "ünï\\'\"", number, number / 7) for number in range(2 * TOGETHER + 3)]


async def read(store: Store) -> list[tuple[object, ...]]:
    def ask(connection: Connection) -> list[tuple[object, ...]]:
        return [tuple(row) for row in connection.execute(select(tallies).order_by(tallies.c.value))]

    return await store.run(ask)


async def test_rows_come_back_as_they_went_in(store: Store) -> None:
    await store.run(insert_rows, tallies, ROWS)
    await store.run(insert_rows, tallies, [])
    assert await read(store) == ROWS


async def test_a_row_that_is_there_already_is_an_error_and_nothing_is_written(store: Store) -> None:
    await store.run(insert_rows, tallies, ROWS[:1])
    with pytest.raises(IntegrityError):
        await store.run(insert_rows, tallies, ROWS[::-1])
    assert await read(store) == ROWS[:1]


async def test_rows_are_merged_as_told(store: Store) -> None:
    merges = (("value", Merge.ADD), ("at", Merge.GREATEST))
    await store.run(merge_rows, tallies, merges, [("w", "n", "l", 2, 5.0)])
    await store.run(merge_rows, tallies, merges, [("w", "n", "l", 3, 4.0), ("w", "n", "L", 1, 1.0)])
    assert await read(store) == [("w", "n", "L", 1, 1.0), ("w", "n", "l", 5, 5.0)]
    await store.run(merge_rows, tallies, (("value", Merge.REPLACE), ("at", Merge.KEEP)), [("w", "n", "l", 9, 1.0)])
    assert (await read(store))[-1] == ("w", "n", "l", 9, 5.0)
    seen = (("first_seen", Merge.LEAST), ("last_seen", Merge.GREATEST))
    await store.run(merge_rows, spans, seen, [("r", 5.0, 5.0), ("r", 3.5, 9.25), ("r", 4.0, 4.0)])
    assert await store.run(lambda connection: tuple(connection.execute(select(spans)).one())) == ("r", 3.5, 9.25)


async def test_keys_are_looked_up_and_deleted_in_bounded_numbers(store: Store) -> None:
    rows = [(f"w{number}", "n", "l", number, 0.0) for number in range(AT_ONCE + 5)]
    await store.run(insert_rows, tallies, rows)
    wanted = [*(row[0] for row in rows), "absent"]
    found = await store.run(known_rows, tallies.c.source, wanted, tallies.c.value)
    assert sorted(value for _, value in found) == list(range(AT_ONCE + 5))
    assert await store.run(delete_rows, tallies.c.source, ["w1", "w2", "absent"]) == 2
    assert len(await read(store)) == AT_ONCE + 3
