"""Sums of counters -> a Report. Pure.

Law of this file: what was counted together is shown together; nothing is estimated but by a bound, and nothing is
subtracted: noise and what people decided are said beside the counts.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from comparators import Cause, Severity, Verdict, fingerprint
from proxy.evidence.bounds import upper_bound
from proxy.evidence.findings import CONFIDENCE, Decided, State, state
from proxy.evidence.noise import Judgement, Samples, judge, pairs_needed
from proxy.messages import System
from proxy.store.answers import (
    ControlReport,
    FailureCount,
    FieldFinding,
    Latencies,
    NoiseSeen,
    ReasonCount,
    RouteReport,
)
from proxy.store.buckets import percentile
from proxy.store.counting import OTHER, field_digest
from proxy.store.record import COMPARED, COPIES, DROPPED, LOST, TAKEN
from proxy.store.writer import REASONS

MOST_ASKED: Final = 20
"""Causes of a route for which it is worked out how many more pairs they need."""


@dataclass(frozen=True, slots=True)
class FieldSum:
    """A field's count in the time asked for, and what is known of it since ever."""

    pattern: str
    kind: str
    rule: str
    value_class: str
    severity: Severity
    count: int
    first_seen: float
    last_seen: float
    exchange_id: str
    path: str
    legacy: str | None
    candidate: str | None

    @property
    def cause(self) -> Cause:
        return self.pattern, self.kind, self.value_class

    def finding(self, route: str) -> str:
        """The id of its finding; "" for what a rule excuses, and for what is counted together."""
        return fingerprint(route, [self.cause]) if not self.rule and self.pattern != OTHER else ""


@dataclass(slots=True)
class RouteSums:
    """The sums of one route.

    `control`: what became of copies to the second legacy, by outcome; `noise`: by the digest of a cause, in how many
    pairs both differ from legacy, the candidate alone, the second legacy alone; `groups`: mismatches by all their
    causes; `decided`: by the id of a finding.
    """

    verdicts: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(Verdict, 0))
    reasons: dict[str, int] = field(default_factory=dict)
    failures: dict[tuple[System, str], int] = field(default_factory=dict)
    latencies: dict[System, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    fields: list[FieldSum] = field(default_factory=list)
    control: dict[str, int] = field(default_factory=dict)
    noise: dict[bytes, tuple[int, int, int]] = field(default_factory=dict)
    groups: list[tuple[tuple[Cause, ...], int]] = field(default_factory=list)
    decided: dict[str, Decided] = field(default_factory=dict)

    def add_verdict(self, verdict: Verdict, reason: str, count: int) -> None:
        self.verdicts[verdict] += count
        if verdict is Verdict.INCONCLUSIVE:
            self.reasons[reason] = self.reasons.get(reason, 0) + count

    @property
    def compared(self) -> int:
        return sum(self.verdicts.values()) - self.verdicts[Verdict.INCONCLUSIVE]

    @property
    def pairs(self) -> int:
        return self.control.get(COMPARED, 0)


def route_reports(routes: Mapping[str, RouteSums], now: float) -> tuple[RouteReport, ...]:
    """The routes, those with most unexplained mismatches first. `now`: Unix seconds; by it an acceptance has ended."""
    reports = [route_report(route, sums, now) for route, sums in routes.items()]
    return tuple(sorted(reports, key=_worst_first))


def route_report(route: str, sums: RouteSums, now: float) -> RouteReport:
    fields = [field_finding(route, each, sums, now) for each in sums.fields]
    named = tuple(sorted((each for each in fields if each.rule is None), key=_unexplained_first))
    noise, settled = _explained(sums, named)
    return RouteReport(
        route=route,
        match=sums.verdicts[Verdict.MATCH],
        ignored=sums.verdicts[Verdict.IGNORED],
        mismatch=sums.verdicts[Verdict.MISMATCH],
        inconclusive=sums.verdicts[Verdict.INCONCLUSIVE],
        reasons=reason_counts(sums.reasons),
        fields=_with_needed(named),
        excused=tuple(sorted((each for each in fields if each.rule is not None), key=_unexplained_first)),
        legacy=_latencies(sums.latencies.get(System.LEGACY)),
        candidate=_latencies(sums.latencies.get(System.CANDIDATE)),
        failures=_failures(sums.failures),
        noise=noise,
        settled=settled,
        upper=_upper(sums.verdicts[Verdict.MISMATCH] - noise - settled, sums.compared),
        control=_control(sums) if sums.control else None,
    )


def field_finding(route: str, each: FieldSum, sums: RouteSums, now: float) -> FieldFinding:
    """A cause with where its finding stands. How many more pairs are needed is not said yet."""
    finding = each.finding(route)
    decided = sums.decided.get(finding)
    return FieldFinding(
        id=finding,
        pattern=each.pattern,
        kind=each.kind,
        value_class=each.value_class,
        rule=each.rule or None,
        severity=each.severity,
        count=each.count,
        share=each.count / sums.compared if sums.compared else 0.0,
        upper=_upper(each.count, sums.compared),
        first_seen=each.first_seen,
        last_seen=each.last_seen,
        exchange_id=each.exchange_id,
        path=each.path,
        legacy=each.legacy,
        candidate=each.candidate,
        state=state(decided, each.last_seen, now),
        decided=decided,
        noise=_noise(each, sums) if finding and sums.pairs else None,
    )


def _upper(count: int, compared: int) -> float:
    return upper_bound(min(count, compared), compared, CONFIDENCE)


def _noise(each: FieldSum, sums: RouteSums) -> NoiseSeen:
    name = field_digest(each.pattern, each.kind, "", each.value_class)
    both, candidate, control = sums.noise.get(name, (0, 0, 0))
    judgement = judge(Samples(both, candidate, control, sums.pairs))
    return NoiseSeen(judgement, both, candidate, control, sums.pairs)


def _with_needed(fields: Sequence[FieldFinding]) -> tuple[FieldFinding, ...]:
    """The first MOST_ASKED of them with how many more pairs they need."""
    return tuple(_needed(each) if place < MOST_ASKED else each for place, each in enumerate(fields))


def _needed(each: FieldFinding) -> FieldFinding:
    seen = each.noise
    if seen is None or seen.judgement is not Judgement.UNKNOWN:
        return each
    needed = pairs_needed(Samples(seen.both, seen.candidate, seen.control, seen.pairs))
    return replace(each, noise=replace(seen, needed=needed))


def _explained(sums: RouteSums, fields: Sequence[FieldFinding]) -> tuple[int, int]:
    """Mismatches of which all causes are noise, and such of which all others are accepted or fixed."""
    causes = {(each.pattern, each.kind, each.value_class): each for each in fields}
    noisy = {cause for cause, each in causes.items() if each.is_noise and not each.is_unexplained}
    explained = {cause for cause, each in causes.items() if not each.is_unexplained}
    noise = sum(count for group, count in sums.groups if group and noisy.issuperset(group))
    return noise, sum(count for group, count in sums.groups if group and explained.issuperset(group)) - noise


def _control(sums: RouteSums) -> ControlReport:
    others = {outcome: count for outcome, count in sums.control.items() if outcome != COMPARED}
    return ControlReport(sums.pairs, reason_counts(others))


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


def _worst_first(report: RouteReport) -> tuple[int, int, int, str]:
    return -report.unexplained, -report.mismatch, -report.exchanges, report.route


def _unexplained_first(each: FieldFinding) -> tuple[bool, bool, int, str, str, str]:
    regressed = each.state is State.REGRESSED
    return not regressed, not each.is_unexplained, -each.count, each.pattern, each.kind, each.value_class


def _latencies(buckets: Mapping[int, int] | None) -> Latencies | None:
    if not buckets:
        return None
    p50, p95, p99 = (percentile(buckets, share) for share in (0.50, 0.95, 0.99))
    return Latencies(sum(buckets.values()), p50, p95, p99)


def _failures(counts: Mapping[tuple[System, str], int]) -> tuple[FailureCount, ...]:
    most_first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(FailureCount(system, kind, count) for (system, kind), count in most_first)
