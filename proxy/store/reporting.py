"""Sums of counters -> a Report. Pure.

Law of this file: what was counted together is shown together; nothing is estimated.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from comparators import Severity, Verdict
from proxy.messages import System
from proxy.store.answers import FailureCount, FieldFinding, Latencies, ReasonCount, RouteReport
from proxy.store.buckets import percentile
from proxy.store.record import COPIES, DROPPED, LOST, TAKEN
from proxy.store.writer import REASONS


@dataclass(frozen=True, slots=True)
class FieldSum:
    """A field's count in the time asked for, and what is known of it since ever."""

    pattern: str
    kind: str
    rule: str
    severity: Severity
    count: int
    first_seen: float
    last_seen: float
    exchange_id: str
    path: str
    legacy: str | None
    candidate: str | None


@dataclass(slots=True)
class RouteSums:
    """The sums of one route."""

    verdicts: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(Verdict, 0))
    reasons: dict[str, int] = field(default_factory=dict)
    failures: dict[tuple[System, str], int] = field(default_factory=dict)
    latencies: dict[System, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    fields: list[FieldSum] = field(default_factory=list)

    def add_verdict(self, verdict: Verdict, reason: str, count: int) -> None:
        self.verdicts[verdict] += count
        if verdict is Verdict.INCONCLUSIVE:
            self.reasons[reason] = self.reasons.get(reason, 0) + count


def route_reports(routes: Mapping[str, RouteSums]) -> tuple[RouteReport, ...]:
    """The routes, those with most mismatches first."""
    reports = [route_report(route, sums) for route, sums in routes.items()]
    return tuple(sorted(reports, key=lambda report: (-report.mismatch, -report.exchanges, report.route)))


def route_report(route: str, sums: RouteSums) -> RouteReport:
    compared = sum(sums.verdicts.values()) - sums.verdicts[Verdict.INCONCLUSIVE]
    fields = [_field(each, compared) for each in sums.fields]
    return RouteReport(
        route=route,
        match=sums.verdicts[Verdict.MATCH],
        ignored=sums.verdicts[Verdict.IGNORED],
        mismatch=sums.verdicts[Verdict.MISMATCH],
        inconclusive=sums.verdicts[Verdict.INCONCLUSIVE],
        reasons=reason_counts(sums.reasons),
        fields=_by_count(each for each in fields if each.rule is None),
        excused=_by_count(each for each in fields if each.rule is not None),
        legacy=_latencies(sums.latencies.get(System.LEGACY)),
        candidate=_latencies(sums.latencies.get(System.CANDIDATE)),
        failures=_failures(sums.failures),
    )


def reason_counts(counts: Mapping[str, int]) -> tuple[ReasonCount, ...]:
    """The most frequent first."""
    return tuple(ReasonCount(*item) for item in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def unaccounted(tallied: Mapping[tuple[str, str], int], stored: int) -> int:
    """How many copies were taken and neither stored nor dropped by anybody who could say so. `tallied`: sums by name
    and label; `stored`: all exchanges ever.
    """
    known = sum(tallied.get((COPIES, label), 0) for label in (LOST, DROPPED))
    known += sum(tallied.get(("dropped", reason), 0) for reason in REASONS)
    return max(0, tallied.get((COPIES, TAKEN), 0) - known - stored)


def _field(each: FieldSum, compared: int) -> FieldFinding:
    return FieldFinding(
        pattern=each.pattern,
        kind=each.kind,
        rule=each.rule or None,
        severity=each.severity,
        count=each.count,
        share=each.count / compared if compared else 0.0,
        first_seen=each.first_seen,
        last_seen=each.last_seen,
        exchange_id=each.exchange_id,
        path=each.path,
        legacy=each.legacy,
        candidate=each.candidate,
    )


def _by_count(fields: Iterable[FieldFinding]) -> tuple[FieldFinding, ...]:
    return tuple(sorted(fields, key=lambda each: (-each.count, each.pattern, each.kind)))


def _latencies(buckets: Mapping[int, int] | None) -> Latencies | None:
    if not buckets:
        return None
    p50, p95, p99 = (percentile(buckets, share) for share in (0.50, 0.95, 0.99))
    return Latencies(sum(buckets.values()), p50, p95, p99)


def _failures(counts: Mapping[tuple[System, str], int]) -> tuple[FailureCount, ...]:
    most_first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(FailureCount(system, kind, count) for (system, kind), count in most_first)
