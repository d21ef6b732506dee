"""One batch in one transaction: rows once, counters added, tallies replaced.

Law of this file: writing the same record twice changes nothing. So a batch may be repeated when nobody knows whether it
was committed, and an exchange that is delivered twice counts once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.store import tables
from proxy.store.counting import MAX_EXAMPLES, Bounds, Counted, FieldKey, FindingKey, SeenField, SeenFinding, count
from proxy.store.periods import DAY, WIDTHS, start_of
from proxy.store.record import Record, Tally
from proxy.store.rows import Row, Rows, Value
from proxy.store.spelling import packed, writable

_Key: TypeAlias = tuple[int, *tuple[Value, ...]]
"""The start of a minute, then what is counted."""


async def load_bounds(connection: AsyncConnection) -> Bounds:
    """What the store tells apart already."""
    bounds = Bounds()
    fields, findings, verdicts = tables.fields.c, tables.findings.c, tables.verdict_counts.c
    for field in await connection.execute(select(fields.route, fields.pattern, fields.kind, fields.rule)):
        bounds.fields.admits(*field)
    for finding in await connection.execute(select(findings.route, findings.fingerprint)):
        bounds.findings.admits(*finding)
    days = select(verdicts.route, verdicts.reason).where(verdicts.width == DAY).distinct()
    for reason in await connection.execute(days):
        bounds.reasons.admits(*reason)
    return bounds


async def write(
    connection: AsyncConnection, records: Sequence[Record], tallies: Iterable[Tally], salt: bytes, bounds: Bounds
) -> None:
    """Write a batch. The caller commits."""
    records = await _unwritten(connection, records)
    if records:
        await _write_rows(connection, records, salt)
        await _add(connection, count(records, bounds))
    await _upsert_tallies(connection, tallies)


async def _unwritten(connection: AsyncConnection, records: Sequence[Record]) -> list[Record]:
    by_id = {record.exchange.id: record for record in records}
    known = await connection.execute(select(tables.exchanges.c.id).where(tables.exchanges.c.id.in_(list(by_id))))
    for exchange_id in known.scalars():
        del by_id[exchange_id]
    return list(by_id.values())


async def _write_rows(connection: AsyncConnection, records: Sequence[Record], salt: bytes) -> None:
    rows = Rows()
    for record in records:
        rows.add(record, salt)
    await _insert(connection, tables.bodies, await _new_bodies(connection, rows.bodies))
    await _insert(connection, tables.exchanges, rows.exchanges)
    await _insert(connection, tables.observations, rows.observations)
    await _insert(connection, tables.differences, rows.differences)


async def _new_bodies(connection: AsyncConnection, bodies: dict[bytes, bytes]) -> list[Row]:
    digests = tables.bodies.c.digest
    known = set((await connection.execute(select(digests).where(digests.in_(list(bodies))))).scalars())
    fresh = [packed(body, name) for name, body in bodies.items() if name not in known]
    return [
        {"digest": body.digest, "size": body.size, "is_compressed": body.is_compressed, "data": body.data}
        for body in fresh
    ]


async def _insert(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    if rows:
        await connection.execute(insert(table).on_conflict_do_nothing(), rows)


async def _add(connection: AsyncConnection, counted: Counted) -> None:
    await _add_counts(connection, tables.verdict_counts, counted.verdicts.items())
    await _add_counts(connection, tables.failure_counts, counted.failures.items())
    await _add_counts(connection, tables.latency_counts, counted.latencies.items())
    await _add_counts(connection, tables.field_counts, counted.field_counts.items())
    await _upsert_fields(connection, counted.fields)
    await _upsert_findings(connection, counted.findings)


async def _add_counts(connection: AsyncConnection, table: Table, by_minute: Iterable[tuple[_Key, int]]) -> None:
    """Add counts of minutes to their minutes, hours and days."""
    sums: Counter[tuple[Value, ...]] = Counter()
    for (minute, *key), number in by_minute:
        for width in WIDTHS:
            sums[width, start_of(width, minute), *key] += number
    names = [column.name for column in table.columns]
    rows: list[Row] = [dict(zip(names, (*key, number), strict=True)) for key, number in sums.items()]
    statement = insert(table)
    await _upsert(connection, table, statement, {"count": table.c.count + statement.excluded.count}, rows)


async def _upsert_fields(connection: AsyncConnection, fields: dict[FieldKey, SeenField]) -> None:
    rows: list[Row] = [
        {
            **dict(zip(("route", "pattern", "kind", "rule"), key, strict=True)),
            "first_seen": seen.first,
            "last_seen": seen.last,
            "exchange_id": seen.exchange_id,
            "path": writable(seen.example.path),
            "legacy": None if seen.example.legacy is None else writable(seen.example.legacy),
            "candidate": None if seen.example.candidate is None else writable(seen.example.candidate),
        }
        for key, seen in fields.items()
    ]
    statement = insert(tables.fields)
    latest = {name: statement.excluded[name] for name in ("exchange_id", "path", "legacy", "candidate")}
    await _upsert(connection, tables.fields, statement, _seen(tables.fields, statement) | latest, rows)


async def _upsert_findings(connection: AsyncConnection, findings: dict[FindingKey, SeenFinding]) -> None:
    examples = await _examples(connection, findings)
    rows: list[Row] = [
        {
            "route": key[0],
            "fingerprint": key[1],
            "causes": msgspec.json.encode(seen.causes).decode(),
            "first_seen": seen.first,
            "last_seen": seen.last,
            "count": seen.count,
            "examples": msgspec.json.encode([*examples.get(key, ()), *seen.examples][-MAX_EXAMPLES:]).decode(),
        }
        for key, seen in findings.items()
    ]
    statement = insert(tables.findings)
    added = {"count": tables.findings.c.count + statement.excluded.count, "examples": statement.excluded.examples}
    await _upsert(connection, tables.findings, statement, _seen(tables.findings, statement) | added, rows)


async def _examples(connection: AsyncConnection, keys: Iterable[FindingKey]) -> dict[FindingKey, list[str]]:
    columns = tables.findings.c
    wanted = columns.fingerprint.in_(list({fingerprint for _, fingerprint in keys}))
    rows = await connection.execute(select(columns.route, columns.fingerprint, columns.examples).where(wanted))
    return {(route, fingerprint): msgspec.json.decode(text, type=list[str]) for route, fingerprint, text in rows}


def _seen(table: Table, statement: Insert) -> dict[str, ColumnElement[float]]:
    return {
        "first_seen": func.min(table.c.first_seen, statement.excluded.first_seen),
        "last_seen": func.max(table.c.last_seen, statement.excluded.last_seen),
    }


async def _upsert_tallies(connection: AsyncConnection, tallies: Iterable[Tally]) -> None:
    latest: dict[tuple[str, str, str], Row] = {}
    for tally in sorted(tallies, key=lambda tally: tally.at):
        for name, label, value in tally.counts:
            key = writable(tally.source), writable(name), writable(label)
            latest[key] = {"source": key[0], "name": key[1], "label": key[2], "value": value, "at": tally.at}
    statement = insert(tables.tallies)
    replaced = {name: func.max(tables.tallies.c[name], statement.excluded[name]) for name in ("value", "at")}
    await _upsert(connection, tables.tallies, statement, replaced, list(latest.values()))


async def _upsert(
    connection: AsyncConnection,
    table: Table,
    statement: Insert,
    replaced: Mapping[str, ColumnElement[Any]],
    rows: Sequence[Row],
) -> None:
    if rows:
        keys = list(table.primary_key.columns)
        await connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=dict(replaced)), rows)
