"""What people decide about findings, kept with its entry in the audit log.

Law of this file: a decision and its entry are written together or not at all. Only the latest decision about a finding
counts; all of them stand in the log. What people say is kept as the log has it, without card numbers.
"""

from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.evidence.entry import Action, Entry
from proxy.evidence.findings import Decided, Decision, State, state
from proxy.store import tables
from proxy.store.answers import Finding
from proxy.store.audit import append
from proxy.store.statements import Merge, Row, merge_rows

_ACTIONS: Final = {
    Decision.ACCEPT: Action.FINDING_ACCEPTED,
    Decision.FIX: Action.FINDING_FIXED,
    Decision.REOPEN: Action.FINDING_REOPENED,
}
_LATEST: Final = tuple((name, Merge.REPLACE) for name in ("route", "decision", "at", "actor", "reason", "until"))
_MOST_PATTERN: Final = 500


async def decide(store_url: str, finding: Finding, decided: Decided) -> int:
    """Keep a decision, and give the number of its entry. Raises StoreError, and ValueError for what no entry takes."""
    said = entry(finding, decided)
    what: Row = (finding.field.id, finding.route, decided.decision.value)
    row: Row = (*what, decided.at, said.actor, said.reason, decided.until)

    async def keep(connection: AsyncConnection) -> None:
        await connection.run_sync(merge_rows, tables.decisions, _LATEST, [row])

    return await append(store_url, said, keep)


def entry(finding: Finding, decided: Decided) -> Entry:
    """The entry of a decision: the state before it and after it, and the cause."""
    field = finding.field
    details = {
        "finding": field.id,
        "path": field.pattern[:_MOST_PATTERN],
        "kind": field.kind,
        "valueClass": field.value_class,
        "count": field.count,
        "until": decided.until,
    }
    return Entry(
        at=decided.at,
        actor=decided.by,
        action=_ACTIONS[decided.decision],
        subject=finding.route,
        reason=decided.reason,
        ticket=None,
        before=field.state.value,
        after=after(finding, decided).value,
        details=msgspec.json.encode(details).decode(),
    )


def after(finding: Finding, decided: Decided) -> State:
    """Where a finding stands by a decision."""
    return state(decided, finding.field.last_seen, decided.at)
