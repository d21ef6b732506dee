"""Rows -> the exchange that was stored.

Law of this file: bytes come back as they went in.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from comparators import Difference, Kind, Severity, Verdict
from proxy.messages import Failure, FailureKind, Observation, Request, Response, Stage, System
from proxy.store import tables
from proxy.store.answers import StoredExchange
from proxy.store.spelling import headers_from_text, unpacked

_PLAN = tables.plans.c
_ALL: Final = (
    *(column for column in tables.exchanges.c if column.name != "plan"),
    *(_PLAN.route, _PLAN.stage, _PLAN.primary_system, _PLAN.backend, _PLAN.shadow_backend, _PLAN.table_hash),
    _PLAN.reason.label("plan_reason"),
)


async def load_exchange(connection: AsyncConnection, exchange_id: str) -> StoredExchange | None:
    """The exchange of this id, or None."""
    wanted = select(*_ALL).join_from(tables.exchanges, tables.plans, tables.plans.c.id == tables.exchanges.c.plan)
    found = await connection.execute(wanted.where(tables.exchanges.c.id == exchange_id))
    row = found.mappings().first()
    if row is None:
        return None
    kept = {each["system"]: each for each in await _observation_rows(connection, exchange_id)}
    observations = {system: await _observation(connection, row, system, kept.get(system)) for system in System}
    return StoredExchange(
        id=row["id"],
        started_at=row["started_at"],
        route=row["route"],
        stage=Stage(row["stage"]),
        primary=System(row["primary_system"]),
        plan_reason=row["plan_reason"],
        table=row["table_hash"],
        request=await _request(connection, row),
        legacy=observations[System.LEGACY],
        candidate=observations[System.CANDIDATE],
        verdict=Verdict(row["verdict"]),
        reason=row["reason"],
        fingerprint=row["fingerprint"],
        differences=await load_differences(connection, exchange_id),
        is_whole=row["request_headers"] is not None,
    )


async def load_differences(connection: AsyncConnection, exchange_id: str) -> tuple[Difference, ...]:
    """The differences of an exchange, in the order in which they were found."""
    columns = tables.differences.c
    wanted = select(columns.path, columns.kind, columns.legacy, columns.candidate, columns.rule, columns.severity)
    rows = await connection.execute(wanted.where(columns.exchange_id == exchange_id).order_by(columns.position))
    return tuple(
        Difference(path, Kind(kind), legacy, candidate, rule, Severity(severity))
        for path, kind, legacy, candidate, rule, severity in rows
    )


async def _request(connection: AsyncConnection, row: RowMapping) -> Request:
    body = await _body(connection, row["request_body"])
    headers = headers_from_text(row["request_headers"] or "[]")
    return Request(row["method"].encode("latin-1"), row["target"].encode("latin-1"), headers, body)


async def _observation_rows(connection: AsyncConnection, exchange_id: str) -> Sequence[RowMapping]:
    rows = await connection.execute(select(tables.observations).where(tables.observations.c.exchange_id == exchange_id))
    return rows.mappings().all()


async def _observation(
    connection: AsyncConnection, row: RowMapping, system: System, kept: RowMapping | None
) -> Observation | None:
    """What a system did. `kept`: what there is besides its status and how long it took."""
    status, seconds = row[f"{system}_status"], row[f"{system}_seconds"]
    if seconds is None:
        return None
    if kept is None:
        backend = row["backend"] if system == row["primary_system"] else row["shadow_backend"]
        return Observation(system, backend or "", Response(status, b"", (), b""), seconds)
    if kept["failure"] is None:
        headers, body = headers_from_text(kept["headers"] or "[]"), await _body(connection, kept["body"])
        outcome: Response | Failure = Response(status, kept["phrase"].encode("latin-1"), headers, body)
    else:
        outcome = Failure(FailureKind(kept["failure"]), bool(kept["maybe_sent"]), kept["detail"])
    return Observation(system, kept["backend"], outcome, seconds)


async def _body(connection: AsyncConnection, digest: bytes | None) -> bytes:
    if digest is None:
        return b""
    columns = tables.bodies.c
    row = (await connection.execute(select(columns.data, columns.is_compressed).where(columns.digest == digest))).one()
    return unpacked(row.data, row.is_compressed)
