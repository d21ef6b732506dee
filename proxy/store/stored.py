"""Rows -> the exchange that was stored.

Law of this file: bytes come back as they went in.
"""

from collections.abc import Sequence

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from comparators import Difference, Kind, Verdict
from proxy.messages import Failure, FailureKind, Observation, Request, Response, Stage, System
from proxy.store import tables
from proxy.store.answers import StoredExchange
from proxy.store.spelling import headers_from_text, unpacked


async def load_exchange(connection: AsyncConnection, exchange_id: str) -> StoredExchange | None:
    """The exchange of this id, or None."""
    found = await connection.execute(select(tables.exchanges).where(tables.exchanges.c.id == exchange_id))
    row = found.mappings().first()
    if row is None:
        return None
    rows = await _observation_rows(connection, exchange_id)
    observations = {System(each["system"]): await _observation(connection, each) for each in rows}
    return StoredExchange(
        id=row["id"],
        started_at=row["started_at"],
        route=row["route"],
        stage=Stage(row["stage"]),
        primary=System(row["primary_system"]),
        plan_reason=row["plan_reason"],
        table=row["table_hash"],
        request=await _request(connection, row),
        legacy=observations.get(System.LEGACY),
        candidate=observations.get(System.CANDIDATE),
        verdict=Verdict(row["verdict"]),
        reason=row["reason"],
        fingerprint=row["fingerprint"],
        differences=await load_differences(connection, exchange_id),
        is_whole=all(each["failure"] is not None or each["headers"] is not None for each in rows),
    )


async def load_differences(connection: AsyncConnection, exchange_id: str) -> tuple[Difference, ...]:
    """The differences of an exchange, in the order in which they were found."""
    columns = tables.differences.c
    wanted = select(columns.path, columns.kind, columns.legacy, columns.candidate, columns.rule)
    rows = await connection.execute(wanted.where(columns.exchange_id == exchange_id).order_by(columns.position))
    return tuple(Difference(path, Kind(kind), legacy, candidate, rule) for path, kind, legacy, candidate, rule in rows)


async def _request(connection: AsyncConnection, row: RowMapping) -> Request:
    body = await _body(connection, row["request_body"])
    headers = headers_from_text(row["request_headers"])
    return Request(row["method"].encode("latin-1"), row["target"].encode("latin-1"), headers, body)


async def _observation_rows(connection: AsyncConnection, exchange_id: str) -> Sequence[RowMapping]:
    rows = await connection.execute(select(tables.observations).where(tables.observations.c.exchange_id == exchange_id))
    return rows.mappings().all()


async def _observation(connection: AsyncConnection, row: RowMapping) -> Observation:
    if row["failure"] is None:
        headers, body = headers_from_text(row["headers"] or "[]"), await _body(connection, row["body"])
        outcome: Response | Failure = Response(row["status"], row["phrase"].encode("latin-1"), headers, body)
    else:
        outcome = Failure(FailureKind(row["failure"]), row["maybe_sent"], row["detail"])
    return Observation(System(row["system"]), row["backend"], outcome, row["seconds"])


async def _body(connection: AsyncConnection, digest: bytes | None) -> bytes:
    if digest is None:
        return b""
    columns = tables.bodies.c
    row = (await connection.execute(select(columns.data, columns.is_compressed).where(columns.digest == digest))).one()
    return unpacked(row.data, row.is_compressed)
