from dataclasses import replace
from xml.parsers import expat

import pytest

from comparators import Severity
from proxy.cli.report_junit import Outcome, junit, suite
from proxy.evidence.findings import Decided, Decision, State
from proxy.messages import System
from proxy.store.answers import ControlReport, FailureCount, ReasonCount, RouteReport
from tests.cli.reports import cause, hostile, report, route
from tests.store.made import NOON


def elements(text: str) -> list[tuple[str, dict[str, str]]]:
    """The elements of an XML text, which must be well-formed."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: found.append((name, attributes))
    parser.Parse(text.encode(), True)
    return found


def outcomes(made: RouteReport) -> dict[str, Outcome]:
    return {case.metric: case.outcome for case in suite(made).cases}


def test_one_case_a_route_and_metric() -> None:
    found = elements(junit(report(route(cause(), name="a"), route(name="b", mismatch=0)), NOON))
    cases = [(each["classname"], each["name"]) for name, each in found if name == "testcase"]
    metrics = ["comparisons", "mismatches", "regressions", "answers", "noise-control", "latency"]
    assert cases == [(name, metric) for name in ("a", "b") for metric in metrics]
    [(_, top)] = [each for each in found if each[0] == "testsuites"]
    assert (top["tests"], top["failures"]) == ("12", "1")
    assert ("property", {"name": "unexplained", "value": "7"}) in found


def test_hostile_values_are_text() -> None:
    text = junit(hostile(), NOON)
    assert {name for name, _ in elements(text)} == {
        *("testsuites", "testsuite", "properties", "property", "testcase", "failure", "skipped", "system-out")
    }
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("made", "metric", "outcome"),
    [
        (route(cause()), "mismatches", Outcome.FAILED),
        (route(cause(), noise=7), "mismatches", Outcome.PASSED),
        (route(mismatch=0), "mismatches", Outcome.PASSED),
        (route(mismatch=0, match=0, ignored=0), "mismatches", Outcome.SKIPPED),
        (route(mismatch=0, match=0, ignored=0, reasons=(ReasonCount("late", 3),)), "comparisons", Outcome.SKIPPED),
        (route(cause(state=State.REGRESSED)), "regressions", Outcome.FAILED),
        (route(cause()), "regressions", Outcome.PASSED),
        (route(failures=(FailureCount(System.CANDIDATE, "timeout", 1),)), "answers", Outcome.FAILED),
        (route(failures=(FailureCount(System.LEGACY, "timeout", 1),)), "answers", Outcome.PASSED),
        (route(), "noise-control", Outcome.SKIPPED),
        (route(control=ControlReport(0, (ReasonCount("timeout", 9),))), "noise-control", Outcome.SKIPPED),
        (route(control=ControlReport(9, ())), "noise-control", Outcome.PASSED),
        (route(candidate=None), "latency", Outcome.SKIPPED),
        (route(), "latency", Outcome.PASSED),
    ],
)
def test_how_a_case_ends(made: RouteReport, metric: str, outcome: Outcome) -> None:
    assert outcomes(made)[metric] is outcome


def test_a_failure_says_what_differs() -> None:
    accepted = replace(cause("$.fine"), state=State.ACCEPTED, decided=Decided(Decision.ACCEPT, NOON, "bob", "ok", 4e9))
    [said] = [case for case in suite(route(cause(severity=Severity.INFO), accepted)).cases if case.text]
    assert "$.amount  value, one-unit  info  open" in said.text
    assert '  candidate  "10.01"' in said.text
    assert "$.fine" not in said.text


def test_what_was_dropped_is_a_suite_of_its_own() -> None:
    found = elements(junit(report(dropped=(ReasonCount("channel-full", 12),)), NOON))
    assert ("testcase", {"classname": "(all routes)", "name": "dropped", "time": "0"}) in found
