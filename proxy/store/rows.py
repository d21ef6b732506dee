"""Records as rows of `exchanges`, `observations` and `differences`, and the bodies that they name.

Law of this file: bytes go in as bytes or as latin-1, so that they come back as they were. An answer without fields and
body, because they were left out, has NULL as its headers.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from proxy.messages import Failure, Observation
from proxy.store.record import Record
from proxy.store.spelling import digest, headers_to_text, writable

Value: TypeAlias = str | int | float | bytes | bool | None
Row: TypeAlias = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a batch. `bodies`: by digest, not packed yet."""

    exchanges: list[Row] = field(default_factory=list)
    observations: list[Row] = field(default_factory=list)
    differences: list[Row] = field(default_factory=list)
    bodies: dict[bytes, bytes] = field(default_factory=dict)

    def add(self, record: Record, salt: bytes) -> None:
        self.exchanges.append(self._exchange(record, salt))
        for observation in (record.exchange.primary, record.shadow):
            if observation is not None:
                self.observations.append(self._observation(record, observation, salt))
        self.differences.extend(_differences(record))

    def _body(self, body: bytes, salt: bytes) -> bytes | None:
        if not body:
            return None
        name = digest(body, salt)
        self.bodies[name] = body
        return name

    def _exchange(self, record: Record, salt: bytes) -> Row:
        exchange, plan, request = record.exchange, record.exchange.plan, record.exchange.request
        return {
            "id": exchange.id,
            "started_at": exchange.started_at,
            "route": plan.route,
            "stage": plan.stage.value,
            "primary_system": plan.primary.value,
            "backend": plan.backend,
            "shadow_backend": plan.shadow,
            "plan_reason": writable(plan.reason),
            "table_hash": exchange.table,
            "method": request.method.decode("latin-1"),
            "target": request.target.decode("latin-1"),
            "request_headers": headers_to_text(request.headers),
            "request_body": self._body(request.body, salt),
            "verdict": record.verdict.value,
            "reason": None if record.reason is None else writable(record.reason),
            "fingerprint": record.fingerprint,
        }

    def _observation(self, record: Record, observation: Observation, salt: bytes) -> Row:
        row: Row = {
            "exchange_id": record.exchange.id,
            "system": observation.system.value,
            "backend": observation.backend,
            "seconds": observation.seconds,
        }
        outcome = observation.outcome
        if isinstance(outcome, Failure):
            failed: Row = {"failure": outcome.kind.value, "maybe_sent": outcome.maybe_sent}
            return (
                row
                | dict.fromkeys(("status", "phrase", "headers", "body"))
                | failed
                | {"detail": writable(outcome.detail)}
            )
        answered: Row = {
            "status": outcome.status,
            "phrase": outcome.reason.decode("latin-1"),
            "headers": headers_to_text(outcome.headers) if record.is_whole else None,
            "body": self._body(outcome.body, salt),
        }
        return row | answered | dict.fromkeys(("failure", "maybe_sent", "detail"))


def _differences(record: Record) -> list[Row]:
    return [
        {
            "exchange_id": record.exchange.id,
            "position": position,
            "path": writable(difference.path),
            "kind": difference.kind.value,
            "legacy": None if difference.legacy is None else writable(difference.legacy),
            "candidate": None if difference.candidate is None else writable(difference.candidate),
            "rule": None if difference.rule is None else writable(difference.rule),
        }
        for position, difference in enumerate(record.differences)
    ]
