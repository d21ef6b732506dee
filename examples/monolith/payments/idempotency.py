"""Idempotency-Key: a request that is repeated gets the first one's answer, and its work is done once.

Only a success is remembered. A refusal changed nothing, so the same key may be tried again. Lookup, work and
remembering are one transaction that holds the database's write lock: two requests with one key cannot both do the work.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest, JsonResponse

from examples.monolith.payments import errors
from examples.monolith.payments.answers import Body
from examples.monolith.payments.models import RememberedAnswer

LONGEST_KEY = 255


def once(request: HttpRequest, raw: bytes, status: int, now: datetime, work: Callable[[], Body]) -> JsonResponse:
    """Do `work` in a transaction and answer with `status`, or repeat the answer that this key already got."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 1 <= len(key) <= LONGEST_KEY:
        raise errors.invalid("Idempotency-Key")
    with transaction.atomic():
        if key is None:
            return JsonResponse(work(), status=status)
        return _remembered(key, fingerprint(request, raw)) or _work_and_remember(
            RememberedAnswer(key=key, fingerprint=fingerprint(request, raw), status=status, created_at=now), work
        )


def fingerprint(request: HttpRequest, raw: bytes) -> str:
    """SHA-256 of method, path and body: what makes two requests the same one."""
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + raw).hexdigest()


def _remembered(key: str, wanted: str) -> JsonResponse | None:
    found = RememberedAnswer.objects.filter(key=key).first()
    if found is None:
        return None
    if found.fingerprint != wanted:
        raise errors.key_reused()
    return JsonResponse(json.loads(found.body), status=found.status, headers={"Idempotent-Replayed": "true"})


def _work_and_remember(answer: RememberedAnswer, work: Callable[[], Body]) -> JsonResponse:
    body = work()
    answer.body = json.dumps(body)
    answer.save(force_insert=True)
    return JsonResponse(body, status=answer.status)
