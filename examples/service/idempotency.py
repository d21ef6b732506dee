"""Idempotency-Key, in the table and by the rules of the monolith: a key used there is honoured here, and the other way.

Only a success is remembered. Lookup, work and remembering are one transaction that holds the database's write lock.
"""

import hashlib
import json
from collections.abc import Callable

from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from examples.service import errors
from examples.service.answers import Body
from examples.service.calls import Write
from examples.service.tables import RememberedAnswer

LONGEST_KEY = 255


def once(write: Write, status: int, work: Callable[[Session], Body]) -> JSONResponse:
    """Do `work` in a transaction and answer with `status`, or repeat the answer that this key already got."""
    if write.key is not None and not 1 <= len(write.key) <= LONGEST_KEY:
        raise errors.invalid("Idempotency-Key")
    with write.database.writing() as session:
        if write.key is None:
            return JSONResponse(work(session), status_code=status)
        return _remembered(session, write) or _work_and_remember(session, write, write.key, status, work)


def fingerprint(write: Write) -> str:
    """SHA-256 of method, path and body: what makes two requests the same one."""
    return hashlib.sha256(f"{write.method} {write.path}\n".encode() + write.raw).hexdigest()


def _remembered(session: Session, write: Write) -> JSONResponse | None:
    found = session.scalar(select(RememberedAnswer).where(RememberedAnswer.key == write.key))
    if found is None:
        return None
    if found.fingerprint != fingerprint(write):
        raise errors.key_reused()
    return JSONResponse(json.loads(found.body), status_code=found.status, headers={"Idempotent-Replayed": "true"})


def _work_and_remember(
    session: Session, write: Write, key: str, status: int, work: Callable[[Session], Body]
) -> JSONResponse:
    body = work(session)
    answer = RememberedAnswer(key=key, fingerprint=fingerprint(write), status=status, created_at=write.now)
    answer.body = json.dumps(body)
    session.add(answer)
    return JSONResponse(body, status_code=status)
