"""Types that hold the same on each database."""

import math

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from proxy.store.engine import Store
from proxy.store.statements import insert_rows
from proxy.store.tables import bodies, findings, meta

SIZED = st.floats(allow_nan=False, allow_infinity=False).filter(lambda value: value == 0 or abs(value) > 1e-300)
FLOATS = SIZED.map(lambda value: value + 0.0)
"""Without -0.0, which SQLite keeps as 0.0; no time is one."""

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(FLOATS, st.integers(-(2**63), 2**63 - 1), TEXTS), min_size=1, max_size=20))
async def test_floats_numbers_and_texts_come_back_exactly(store: Store, values: list[tuple[float, int, str]]) -> None:
    def put_and_ask(connection: Connection) -> list[tuple[object, ...]]:
        connection.execute(findings.delete())
        rows = [("r", f"{n}", text, at, at, number, text) for n, (at, number, text) in enumerate(values)]
        insert_rows(connection, findings, rows)
        columns = findings.c
        found = connection.execute(select(columns.fingerprint, columns.first_seen, columns["count"], columns.causes))
        return sorted((tuple(row)[1:] for row in found), key=str)

    assert await store.run(put_and_ask) == sorted(values, key=str)


async def test_bytes_and_keys_come_back_exactly(store: Store) -> None:
    data = bytes(range(256)) * 300
    row = (b"\x00\xff" * 8, math.pi, len(data), False, data)

    def put_and_ask(connection: Connection) -> tuple[object, ...]:
        insert_rows(connection, bodies, [row])
        return tuple(connection.execute(select(bodies)).one())

    assert await store.run(put_and_ask) == row


async def test_keys_are_told_apart_by_case_and_accents(store: Store) -> None:
    names = ["a", "A", "ä", "a\u0308", "ß", "ss"]
    await store.run(insert_rows, meta, [(name, b"") for name in names])
