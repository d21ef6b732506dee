"""One batch in one transaction: rows once, counters added, tallies replaced.

Law of this file: writing the same record twice changes nothing. So a batch may be repeated when nobody knows whether it
was committed, and an exchange that is delivered twice counts once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import starmap
from typing import Final, TypeAlias

import msgspec
from sqlalchemy import Connection, Table, bindparam, select, update

from proxy.store import tables
from proxy.store.counting import (
    MAX_EXAMPLES,
    Bounds,
    Counted,
    FieldKey,
    FindingKey,
    SeenField,
    SeenFinding,
    count,
)
from proxy.store.pairing import Paired, SeenNoise, Side, pair
from proxy.store.periods import DAY, MINUTE, WIDTHS, start_of
from proxy.store.record import NoisePair, Record, Tally
from proxy.store.rows import BODY_BYTES, Body, Plans, Rows
from proxy.store.spelling import packed, writable
from proxy.store.statements import Merge, Row, Value, insert_rows, known_rows, merge_rows, most_bytes, require_room

_Key: TypeAlias = tuple[int, *tuple[Value, ...]]
"""The start of a minute, then what is counted."""

_ADDED: Final = (("count", Merge.ADD),)
_SEEN: Final = (("first_seen", Merge.LEAST), ("last_seen", Merge.GREATEST))
_LATEST: Final = tuple((name, Merge.REPLACE) for name in ("severity", "exchange_id", "path", "legacy", "candidate"))
_SIDES: Final = tuple((str(side), Merge.ADD) for side in Side)
_UNTIL: Final = (("until", Merge.GREATEST),)
_VOLUME: Final = (("exchanges", Merge.ADD), ("bytes", Merge.ADD))
_TALLIED: Final = (("value", Merge.GREATEST), ("at", Merge.GREATEST))
_LENGTHENED = update(tables.bodies).where(tables.bodies.c.digest == bindparam("name")).values(until=bindparam("moment"))


@dataclass(frozen=True, slots=True)
class Known:
    """What a writer knows of the store that it writes to. To be forgotten when a batch failed. `most_bytes`: of one
    statement, or None.
    """

    bounds: Bounds = field(default_factory=Bounds)
    plans: Plans = field(default_factory=Plans)
    most_bytes: int | None = None


def load_known(connection: Connection) -> Known:
    """What the store tells apart already."""
    bounds = Bounds()
    fields, findings, verdicts = tables.fields.c, tables.findings.c, tables.verdict_counts.c
    named = select(fields.route, fields.pattern, fields.kind, fields.rule, fields.value_class)
    for row in connection.execute(named):
        bounds.fields.admits(*row)
    noises = tables.noises.c
    for noise in connection.execute(select(noises.route, noises.pattern, noises.kind, noises.value_class)):
        bounds.noises.admits(*noise)
    for finding in connection.execute(select(findings.route, findings.fingerprint)):
        bounds.findings.admits(*finding)
    for name, names in ((verdicts.reason, bounds.reasons), (verdicts.method, bounds.methods)):
        for each in connection.execute(select(verdicts.route, name).where(verdicts.width == DAY).distinct()):
            names.admits(*each)
    return Known(bounds, most_bytes=most_bytes(connection))


def write(
    connection: Connection,
    records: Sequence[Record],
    tallies: Iterable[Tally],
    salt: bytes,
    known: Known,
    *,
    are_new: bool = False,
) -> None:
    """Write a batch. The caller commits; if it cannot, `known` is not true any more. `are_new`: none of the records is
    in the store, nor twice in the batch; if that is wrong nothing is written, and IntegrityError says so.
    """
    if not are_new:
        records = _unwritten(connection, records)
    if records:
        _write_rows(connection, records, salt, known)
        _add(connection, count(records, known.bounds))
        _add_pairs(connection, pair(records, known.bounds))
    _merge_tallies(connection, tallies)


def _unwritten(connection: Connection, records: Sequence[Record]) -> list[Record]:
    by_id = {record.exchange.id: record for record in records}
    for (exchange_id,) in known_rows(connection, tables.exchanges.c.id, by_id):
        del by_id[exchange_id]
    return list(by_id.values())


def _write_rows(connection: Connection, records: Sequence[Record], salt: bytes, known: Known) -> None:
    rows = Rows(salt, known.plans)
    numbers: Counter[int] = Counter()
    sizes: Counter[int] = Counter()
    for record in records:
        minute = start_of(MINUTE, record.exchange.started_at)
        numbers[minute] += 1
        sizes[minute] += rows.add(record)
    bodies = _new_bodies(connection, rows.bodies)
    sizes[max(numbers)] += sum(BODY_BYTES + len(data) for *_, data in bodies if isinstance(data, bytes))
    require_room(bodies, known.most_bytes)
    insert_rows(connection, tables.bodies, bodies)
    merge_rows(connection, tables.plans, _UNTIL, list(rows.plans.values()))
    kept = {number: until for number, (_, until, *_rest) in rows.plans.items() if isinstance(until, float)}
    known.plans.until.update(kept)
    insert_rows(connection, tables.exchanges, rows.exchanges)
    insert_rows(connection, tables.observations, rows.observations)
    insert_rows(connection, tables.differences, rows.differences)
    volumes: list[Row] = [(minute, numbers[minute], sizes[minute]) for minute in numbers]
    merge_rows(connection, tables.volumes, _VOLUME, volumes)


def _new_bodies(connection: Connection, bodies: dict[bytes, Body]) -> list[Row]:
    """The rows of those that the store does not have; those that it has are kept for longer if need be."""
    columns = tables.bodies.c
    known = {bytes(name): until for name, until in known_rows(connection, columns.digest, bodies, columns.until)}
    stale = [(name, body.until) for name, body in bodies.items() if known.get(name, body.at) < body.at]
    if stale:
        connection.execute(_LENGTHENED, [{"name": name, "moment": until} for name, until in stale])
    return [_body_row(name, body) for name, body in bodies.items() if name not in known]


def _body_row(name: bytes, body: Body) -> Row:
    made = packed(body.content, name)
    return made.digest, body.until, made.size, made.is_compressed, made.data


def _add(connection: Connection, counted: Counted) -> None:
    _add_counts(connection, tables.verdict_counts, counted.verdicts.items())
    _add_counts(connection, tables.failure_counts, counted.failures.items())
    _add_counts(connection, tables.latency_counts, counted.latencies.items())
    _add_counts(connection, tables.field_counts, counted.field_counts.items())
    _add_counts(connection, tables.finding_counts, counted.groups.items())
    merge_rows(connection, tables.fields, _SEEN + _LATEST, list(starmap(_field_row, counted.fields.items())))
    _merge_findings(connection, counted.findings)
    spans: list[Row] = [(route, span.first, span.last) for route, span in counted.spans.items()]
    merge_rows(connection, tables.spans, _SEEN, spans)


def _add_counts(connection: Connection, table: Table, by_minute: Iterable[tuple[_Key, int]]) -> None:
    """Add counts of minutes to their minutes, hours and days."""
    sums: Counter[tuple[Value, ...]] = Counter()
    for (minute, *key), number in by_minute:
        for width in WIDTHS:
            sums[width, start_of(width, minute), *key] += number
    merge_rows(connection, table, _ADDED, [(*key, number) for key, number in sums.items()])


def _field_row(key: FieldKey, seen: SeenField) -> Row:
    example = seen.example
    return (
        *key,
        seen.pattern,
        seen.kind,
        seen.rule,
        example.severity.value,
        seen.first,
        seen.last,
        seen.exchange_id,
        writable(example.path),
        _written(example.legacy),
        _written(example.candidate),
        seen.value_class,
    )


def _add_pairs(connection: Connection, paired: Paired) -> None:
    """What the noise controls showed; without any, it costs nothing."""
    if paired.outcomes:
        _add_counts(connection, tables.control_counts, paired.outcomes.items())
        merge_rows(connection, tables.noise_counts, _SIDES, _side_rows(paired))
        _merge_noises(connection, paired.noises)


def _side_rows(paired: Paired) -> list[Row]:
    sums: defaultdict[tuple[Value, ...], Counter[Side]] = defaultdict(Counter)
    for (minute, route, name, side), number in paired.sides.items():
        for width in WIDTHS:
            sums[width, start_of(width, minute), route, name][side] += number
    return [(*key, *(sides[side] for side in Side)) for key, sides in sums.items()]


def _merge_noises(connection: Connection, noises: dict[FieldKey, SeenNoise]) -> None:
    columns = tables.noises.c
    wanted = {name for _, name in noises}
    rows = known_rows(connection, columns.field, wanted, columns.route, columns.examples)
    known = {(route, bytes(name)): msgspec.json.decode(text, type=list[NoisePair]) for name, route, text in rows}
    merge_rows(
        connection,
        tables.noises,
        (("last_seen", Merge.GREATEST), ("examples", Merge.REPLACE)),
        [(*key, *seen.cause, seen.last, _pairs(known.get(key, []), seen)) for key, seen in noises.items()],
    )


def _pairs(known: list[NoisePair], seen: SeenNoise) -> str:
    """The latest pairs of values, as JSON."""
    fresh = [(_written(each.legacy), _written(each.candidate)) for each in seen.examples]
    return msgspec.json.encode([*known, *fresh][-MAX_EXAMPLES:]).decode()


def _written(value: str | None) -> str | None:
    return None if value is None else writable(value)


def _merge_findings(connection: Connection, findings: dict[FindingKey, SeenFinding]) -> None:
    examples = _examples(connection, findings)
    rows: list[Row] = [
        (
            *key,
            msgspec.json.encode(seen.causes).decode(),
            seen.first,
            seen.last,
            seen.count,
            msgspec.json.encode([*examples.get(key, ()), *seen.examples][-MAX_EXAMPLES:]).decode(),
        )
        for key, seen in findings.items()
    ]
    merge_rows(connection, tables.findings, (*_SEEN, *_ADDED, ("examples", Merge.REPLACE)), rows)


def _examples(connection: Connection, keys: Iterable[FindingKey]) -> dict[FindingKey, list[str]]:
    columns = tables.findings.c
    wanted = {fingerprint for _, fingerprint in keys}
    rows = known_rows(connection, columns.fingerprint, wanted, columns.route, columns.examples)
    return {(route, fingerprint): msgspec.json.decode(text, type=list[str]) for fingerprint, route, text in rows}


def _merge_tallies(connection: Connection, tallies: Iterable[Tally]) -> None:
    latest: dict[tuple[str, str, str], Row] = {}
    for tally in sorted(tallies, key=lambda tally: tally.at):
        for name, label, value in tally.counts:
            key = writable(tally.source), writable(name), writable(label)
            latest[key] = (*key, value, tally.at)
    merge_rows(connection, tables.tallies, _TALLIED, list(latest.values()))
