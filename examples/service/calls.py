"""What a handler gets from the web: the database, and for a write also the raw body and its idempotency key."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from examples.service import errors
from examples.service.database import Database

LARGEST_BODY = 64 * 1024


@dataclass(frozen=True, slots=True)
class Write:
    """One request that changes something, and the time at which it came."""

    database: Database
    method: str
    path: str
    key: str | None
    raw: bytes
    now: datetime


def database_of(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def write_of(request: Request) -> Write:
    return Write(
        database=database_of(request),
        method=request.method,
        path=request.scope["path"],
        key=request.headers.get("idempotency-key"),
        raw=await _body(request),
        now=datetime.now(UTC),
    )


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise errors.too_large()
    return bytes(body)


Reader = Annotated[Database, Depends(database_of)]
Writer = Annotated[Write, Depends(write_of)]
