"""Sums become a report."""

from dataclasses import replace

import pytest

from comparators import CUT, Severity, Verdict
from proxy.evidence.findings import Decided, Decision, State
from proxy.evidence.noise import Judgement
from proxy.messages import System
from proxy.store.buckets import bucket_of
from proxy.store.counting import OTHER, field_digest
from proxy.store.reporting import FieldSum, RouteSums, reason_counts, route_report, route_reports, unaccounted

NOW = 1_000.0


def field(pattern: str, count: int, rule: str = "") -> FieldSum:
    return FieldSum(pattern, "value", rule, "text", Severity.BREAKING, count, 1.0, 2.0, "x1", pattern, "1", "2")


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
    report = route_report("r", made, NOW)
    assert [(each.pattern, each.share) for each in report.fields] == [("$.b", 0.5), ("$.a", 0.25)]
    assert [(each.pattern, each.rule) for each in report.excused] == [("$.c", "Ignore $.c")]
    assert [(each.reason, each.count) for each in report.reasons] == [("timeout", 6)]


def test_nothing_compared_is_no_division_by_zero() -> None:
    made = sums(inconclusive=1)
    made.fields.append(field("$.a", 1))
    assert route_report("r", made, NOW).fields[0].share == 0


def test_latencies() -> None:
    made = sums(match=100)
    made.latencies[System.LEGACY] = {bucket_of(0.010): 98, bucket_of(1.0): 2}
    report = route_report("r", made, NOW)
    assert report.legacy is not None
    assert (report.legacy.p50, report.legacy.p99) == (pytest.approx(0.010, rel=0.011), pytest.approx(1.0, rel=0.011))
    assert report.candidate is None


def test_failures_and_routes_most_first() -> None:
    made = sums(mismatch=1)
    made.failures = {(System.CANDIDATE, "reset"): 1, (System.CANDIDATE, "timeout"): 7}
    reports = route_reports({"quiet": sums(match=9), "loud": made, "a": sums(match=9)}, NOW)
    assert [each.route for each in reports] == ["loud", "a", "quiet"]
    assert [each.kind for each in reports[0].failures] == ["timeout", "reset"]
    assert [each.reason for each in reason_counts({"b": 1, "a": 1, "c": 2})] == ["c", "a", "b"]


def controlled(pairs: int, **sides: tuple[int, int, int]) -> RouteSums:
    """A route with a noise control. `sides`: of each field, in both, in the candidate, in the second legacy."""
    made = sums(mismatch=100, match=100)
    made.control = {"compared": pairs, "timeout": 3}
    for name, counts in sides.items():
        made.fields.append(field(f"$.{name}", counts[0] + counts[1]))
        made.noise[field_digest(f"$.{name}", "value", "", "text")] = counts
    return made


def cause(name: str) -> tuple[str, str, str]:
    return f"$.{name}", "value", "text"


def test_noise_is_said_beside_the_counts() -> None:
    made = controlled(100, id=(90, 0, 1), wrong=(0, 20, 0), rare=(1, 1, 0))
    report = route_report("r", made, NOW)
    found = {each.pattern: each for each in report.fields}
    judged = {name: each.noise.judgement for name, each in found.items() if each.noise is not None}
    assert judged == {"$.id": Judgement.NOISE, "$.wrong": Judgement.NOT_NOISE, "$.rare": Judgement.UNKNOWN}
    rare = found["$.rare"].noise
    assert rare is not None
    assert rare.needed is not None
    assert rare.needed > 100
    assert (found["$.id"].count, found["$.id"].is_unexplained) == (90, False)
    assert [each.pattern for each in report.fields] == ["$.wrong", "$.rare", "$.id"]
    assert report.control is not None
    assert (report.control.pairs, [each.reason for each in report.control.outcomes]) == (100, ["timeout"])


def test_without_a_noise_control_nothing_is_judged() -> None:
    made = sums(mismatch=1)
    made.fields.append(field("$.a", 1))
    report = route_report("r", made, NOW)
    assert (report.control, report.fields[0].noise, report.unexplained) == (None, None, 1)


def test_a_mismatch_is_noise_only_if_all_its_causes_are() -> None:
    made = controlled(100, id=(90, 0, 1), wrong=(0, 20, 0))
    made.groups = [
        ((cause("id"),), 70),
        ((cause("id"), cause("wrong")), 15),
        ((cause("wrong"),), 5),
        ((cause("id"), CUT), 4),  # what was left out may be anything
        ((), 6),  # counted together
    ]
    report = route_report("r", made, NOW)
    assert (report.mismatch, report.noise, report.settled, report.unexplained) == (100, 70, 0, 30)
    assert 0.15 < report.upper < 0.25


def test_what_was_decided_settles_a_mismatch_and_what_came_back_does_not() -> None:
    made = controlled(100, id=(90, 0, 1), cent=(0, 20, 0), gone=(0, 9, 0), back=(0, 8, 0))
    made.groups = [((cause(name),), count) for name, count in (("id", 60), ("cent", 20), ("gone", 9), ("back", 8))]
    ids = {each.pattern: each.id for each in route_report("r", made, NOW).fields}
    made.decided = {
        ids["$.cent"]: Decided(Decision.ACCEPT, 1.0, "alice", "agreed", NOW + 1),
        ids["$.gone"]: Decided(Decision.FIX, 3.0, "alice", "mended"),
        ids["$.back"]: Decided(Decision.FIX, 1.5, "alice", "mended"),
    }
    report = route_report("r", made, NOW)
    states = {each.pattern: each.state for each in report.fields}
    assert (states["$.cent"], states["$.gone"], states["$.back"]) == (State.ACCEPTED, State.FIXED, State.REGRESSED)
    assert (report.noise, report.settled, report.unexplained) == (60, 29, 11)
    assert [each.pattern for each in report.regressed] == ["$.back"]
    assert report.fields[0].pattern == "$.back"


def test_what_is_counted_together_has_no_finding() -> None:
    made = sums(mismatch=2)
    made.fields += [field(OTHER, 1), field("$.a", 1, "Ignore $.a")]
    report = route_report("r", made, NOW)
    assert (report.fields[0].id, report.excused[0].id) == ("", "")


def test_a_share_has_its_bound() -> None:
    made = sums(match=5_000)
    report = route_report("r", made, NOW)
    assert report.upper == pytest.approx(1 - 0.05 ** (1 / 5_000))


def test_copies_that_nobody_can_tell_of() -> None:
    taken = {("copies", "taken"): 100, ("dropped", "channel-down"): 9, ("dropped", "shadow-late"): 9}
    assert unaccounted(taken, 60) == 40
    assert unaccounted(taken | {("copies", "lost"): 5, ("copies", "dropped"): 6}, 60) == 29
    store = {("dropped", "store-queue-full"): 1, ("dropped", "store-refused"): 2, ("dropped", "store-closed"): 3}
    assert unaccounted(taken | store, 60) == 34
    assert unaccounted(taken, 101) == 0
    assert unaccounted({}, 0) == 0


def test_a_noisy_path_hides_no_cent() -> None:
    """The amount at one path is often another one, and sometimes, in the candidate alone, a cent more."""
    made = sums(mismatch=100, match=900)
    made.control = {"compared": 1_000}
    for word, count, counts in (("number", 90, (10, 80, 85)), ("one-unit", 9, (0, 9, 0))):
        made.fields.append(replace(field("$.amount", count), value_class=word))
        made.noise[field_digest("$.amount", "value", "", word)] = counts
    made.groups = [((("$.amount", "value", "number"),), 91), ((("$.amount", "value", "one-unit"),), 9)]
    report = route_report("r", made, NOW)
    cent = next(each for each in report.fields if each.value_class == "one-unit")
    assert cent.is_unexplained
    assert cent.noise is not None
    assert cent.noise.judgement is Judgement.NOT_NOISE
    assert report.unexplained >= 9
