"""Sums become a report."""

import pytest

from comparators import Severity, Verdict
from proxy.messages import System
from proxy.store.buckets import bucket_of
from proxy.store.reporting import FieldSum, RouteSums, reason_counts, route_report, route_reports, unaccounted


def field(pattern: str, count: int, rule: str = "") -> FieldSum:
    return FieldSum(pattern, "value", rule, Severity.BREAKING, count, 1.0, 2.0, "x1", pattern, "1", "2")


def sums(mismatch: int = 0, match: int = 0, inconclusive: int = 0) -> RouteSums:
    made = RouteSums()
    made.add_verdict(Verdict.MISMATCH, "", mismatch)
    made.add_verdict(Verdict.MATCH, "", match)
    if inconclusive:
        made.add_verdict(Verdict.INCONCLUSIVE, "timeout", inconclusive)
    return made


def test_shares_are_of_what_was_compared() -> None:
    made = sums(mismatch=1, match=3, inconclusive=6)
    made.fields += [field("$.a", 1), field("$.b", 2), field("$.c", 4, "Ignore $.c")]
    report = route_report("r", made)
    assert [(each.pattern, each.share) for each in report.fields] == [("$.b", 0.5), ("$.a", 0.25)]
    assert [(each.pattern, each.rule) for each in report.excused] == [("$.c", "Ignore $.c")]
    assert [(each.reason, each.count) for each in report.reasons] == [("timeout", 6)]


def test_nothing_compared_is_no_division_by_zero() -> None:
    made = sums(inconclusive=1)
    made.fields.append(field("$.a", 1))
    assert route_report("r", made).fields[0].share == 0


def test_latencies() -> None:
    made = sums(match=100)
    made.latencies[System.LEGACY] = {bucket_of(0.010): 98, bucket_of(1.0): 2}
    report = route_report("r", made)
    assert report.legacy is not None
    assert (report.legacy.p50, report.legacy.p99) == (pytest.approx(0.010, rel=0.011), pytest.approx(1.0, rel=0.011))
    assert report.candidate is None


def test_failures_and_routes_most_first() -> None:
    made = sums(mismatch=1)
    made.failures = {(System.CANDIDATE, "reset"): 1, (System.CANDIDATE, "timeout"): 7}
    reports = route_reports({"quiet": sums(match=9), "loud": made, "a": sums(match=9)})
    assert [each.route for each in reports] == ["loud", "a", "quiet"]
    assert [each.kind for each in reports[0].failures] == ["timeout", "reset"]
    assert [each.reason for each in reason_counts({"b": 1, "a": 1, "c": 2})] == ["c", "a", "b"]


def test_copies_that_nobody_can_tell_of() -> None:
    taken = {("copies", "taken"): 100, ("dropped", "channel-down"): 9, ("dropped", "shadow-late"): 9}
    assert unaccounted(taken, 60) == 40
    assert unaccounted(taken | {("copies", "lost"): 5, ("copies", "dropped"): 6}, 60) == 29
    store = {("dropped", "store-queue-full"): 1, ("dropped", "store-refused"): 2, ("dropped", "store-closed"): 3}
    assert unaccounted(taken | store, 60) == 34
    assert unaccounted(taken, 101) == 0
    assert unaccounted({}, 0) == 0
