"""What can be read from a store. Times are Unix seconds, latencies seconds, shares between 0 and 1.

Law of this file: plain frozen values, so that every report prints the same facts.
"""

from dataclasses import dataclass

from comparators import Difference, Severity, Verdict
from proxy.messages import Observation, Request, Stage, System


@dataclass(frozen=True, slots=True)
class Latencies:
    """How long one system took to answer, within 1 %. Failures are not in it."""

    count: int
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class FieldFinding:
    """One field that differed: in how many exchanges, which is what share of those compared, and the latest pair.

    `pattern` has `[*]` for each index. `rule`: what excuses it, or None. `severity`: of the latest pair.
    """

    pattern: str
    kind: str
    rule: str | None
    severity: Severity
    count: int
    share: float
    first_seen: float
    last_seen: float
    exchange_id: str
    path: str
    legacy: str | None
    candidate: str | None


@dataclass(frozen=True, slots=True)
class FailureCount:
    """How often a system gave no answer, of one kind."""

    system: System
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How often, and why."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class RouteReport:
    """One route: verdicts, what differs (most frequent first; excused ones apart), and how long both systems took."""

    route: str
    match: int
    ignored: int
    mismatch: int
    inconclusive: int
    reasons: tuple[ReasonCount, ...]
    fields: tuple[FieldFinding, ...]
    excused: tuple[FieldFinding, ...]
    legacy: Latencies | None
    candidate: Latencies | None
    failures: tuple[FailureCount, ...]

    @property
    def exchanges(self) -> int:
        return self.compared + self.inconclusive

    @property
    def compared(self) -> int:
        return self.match + self.ignored + self.mismatch


@dataclass(frozen=True, slots=True)
class Report:
    """All routes, those with most mismatches first.

    `since` is a full minute. `first` and `last`: when the first and the last exchange began, at any time, on `route` if
    one was asked for. Of all routes, always: `dropped`, what was never compared, by reason, as counted from their start
    by the processes that were alive since then; `unaccounted`, in the whole life of the store, copies that were taken
    and neither stored nor counted as dropped: lost with a process that was killed, or still on their way.
    """

    since: float | None
    first: float | None
    last: float | None
    routes: tuple[RouteReport, ...]
    dropped: tuple[ReasonCount, ...]
    route: str | None = None
    unaccounted: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """Mismatches of one cause, with the unexcused differences of the latest example."""

    route: str
    fingerprint: str
    causes: tuple[tuple[str, str], ...]
    count: int
    first_seen: float
    last_seen: float
    examples: tuple[str, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class StoredExchange:
    """One exchange as it was kept: redacted, and named by system. `is_whole`: False for one of many, of which
    fields and bodies were not kept.
    """

    id: str
    started_at: float
    route: str
    stage: Stage
    primary: System
    plan_reason: str
    table: str
    request: Request
    legacy: Observation | None
    candidate: Observation | None
    verdict: Verdict
    reason: str | None
    fingerprint: str | None
    differences: tuple[Difference, ...]
    is_whole: bool
