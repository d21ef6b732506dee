"""Verdicts, bounds and fingerprints."""

import pytest

from comparators.differences import (
    EQUAL_BY_VALUE,
    MAX_DIFFERENCES,
    Comparison,
    Difference,
    Findings,
    Kind,
    Severity,
    Verdict,
    causes,
    fingerprint,
)

WRONG = Difference("$.a", Kind.VALUE, "1", "2")
EXCUSED = Difference("$.b", Kind.VALUE, "1", "2", "Ignore $.b")
RESPELLED = Difference("$.c", Kind.SPELLING, "1", "1.0", EQUAL_BY_VALUE)


def concluded(*differences: Difference, unfair: str | None = None) -> Comparison:
    findings = Findings()
    for difference in differences:
        findings.add(difference)
    return findings.conclude(unfair)


@pytest.mark.parametrize(
    ("differences", "unfair", "verdict"),
    [
        ((), None, Verdict.MATCH),
        ((RESPELLED,), None, Verdict.MATCH),
        ((EXCUSED, RESPELLED), None, Verdict.IGNORED),
        ((EXCUSED, WRONG), None, Verdict.MISMATCH),
        ((), "why", Verdict.INCONCLUSIVE),
        ((EXCUSED,), "why", Verdict.INCONCLUSIVE),
        ((WRONG,), "why", Verdict.MISMATCH),
    ],
)
def test_verdicts(differences: tuple[Difference, ...], unfair: str | None, verdict: Verdict) -> None:
    assert concluded(*differences, unfair=unfair) == Comparison(verdict, differences, unfair)


def test_unexcused() -> None:
    assert concluded(EXCUSED, WRONG, RESPELLED).unexcused == (WRONG,)


def test_a_flood_of_excused_differences_cannot_hide_one_that_is_not() -> None:
    comparison = concluded(*[EXCUSED] * 5000, WRONG)
    assert comparison.verdict is Verdict.MISMATCH
    assert comparison.differences == (*[EXCUSED] * MAX_DIFFERENCES, WRONG)
    assert comparison.reason == f"{MAX_DIFFERENCES} of 5000 excused differences are listed"


def test_a_flood_of_respelled_numbers_cannot_hide_an_excused_difference() -> None:
    assert concluded(*[RESPELLED] * 5000, EXCUSED).verdict is Verdict.IGNORED


def test_findings_are_full_at_the_bound_and_say_so() -> None:
    findings = Findings()
    for _ in range(MAX_DIFFERENCES - 1):
        findings.add(WRONG)
    assert not findings.full
    findings.add(WRONG)
    assert findings.full
    comparison = findings.conclude("why")
    assert len(comparison.differences) == MAX_DIFFERENCES
    assert comparison.reason == "why; 100 unexcused differences are listed; no more were looked for"


def test_going_back_to_a_mark_forgets_what_came_after() -> None:
    findings = Findings()
    findings.add(EXCUSED)
    mark = findings.mark()
    for _ in range(MAX_DIFFERENCES):
        findings.add(WRONG)
    findings.add(EXCUSED)
    findings.back_to(mark)
    assert not findings.full
    assert findings.conclude() == Comparison(Verdict.IGNORED, (EXCUSED,))


def row(number: int, kind: Kind = Kind.VALUE, rule: str | None = None) -> Difference:
    return Difference(f"$.rows[{number}].amount", kind, str(number), None, rule)


@pytest.mark.parametrize(
    ("kind", "severity"),
    [
        (Kind.VALUE, Severity.BREAKING),
        (Kind.MISSING, Severity.BREAKING),
        (Kind.STATUS, Severity.BREAKING),
        (Kind.ADDED, Severity.ADDITIVE),
        (Kind.SPELLING, Severity.INFO),
    ],
)
def test_a_difference_has_the_severity_of_its_kind_unless_told(kind: Kind, severity: Severity) -> None:
    assert Difference("$.a", kind, None, "1").severity is severity
    assert Difference("$.a", kind, None, "1", None, Severity.INFO).severity is Severity.INFO


def test_three_and_seven_rows_with_one_cause_are_one_finding() -> None:
    assert fingerprint("r", causes([row(n) for n in range(3)])) == fingerprint(
        "r", causes([row(n) for n in range(10, 17)])
    )


def test_order_and_excused_differences_do_not_count() -> None:
    assert fingerprint("r", causes([WRONG, row(1)])) == fingerprint("r", causes([row(2), EXCUSED, WRONG, RESPELLED]))


def test_severity_does_not_count() -> None:
    told = Difference(WRONG.path, WRONG.kind, "1", "2", None, Severity.INFO)
    assert fingerprint("r", causes([told])) == fingerprint("r", causes([WRONG]))


def test_route_kind_and_path_do_count() -> None:
    prints = {
        fingerprint("r", causes([row(1)])),
        fingerprint("s", causes([row(1)])),
        fingerprint("r", causes([row(1, Kind.TYPE)])),
        fingerprint("r", causes([WRONG])),
        fingerprint("r", causes([row(1), WRONG])),
        fingerprint("r", causes([])),
    }
    assert len(prints) == 6


def test_a_fingerprint_is_stable_across_processes_and_releases() -> None:
    assert fingerprint("get-payment", causes([row(3)])) == "f5fcbcc114de62326f25e486f20b469e"
