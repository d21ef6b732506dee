"""A report as JUnit XML: one suite a route, one case a metric, so that a build server shows it as it shows tests.

Law of this file: a case fails for what somebody has to look at, is skipped where nothing can be said, and passes else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from proxy.cli import finding_words
from proxy.cli.report_text import losses
from proxy.cli.templating import filled
from proxy.cli.words import count, seconds
from proxy.messages import System
from proxy.store.answers import FieldFinding, Latencies, Report, RouteReport

MOST_FIELDS: Final = 50


class Outcome(StrEnum):
    """How a case ends."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Case:
    """One metric of one route. `message` in one line; `text`: what it rests on, in lines."""

    metric: str
    outcome: Outcome
    message: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """One route."""

    name: str
    cases: tuple[Case, ...]
    properties: tuple[tuple[str, str], ...]

    @property
    def tests(self) -> int:
        return len(self.cases)

    @property
    def failures(self) -> int:
        return sum(case.outcome is Outcome.FAILED for case in self.cases)

    @property
    def skipped(self) -> int:
        return sum(case.outcome is Outcome.SKIPPED for case in self.cases)


def junit(report: Report, made: float) -> str:
    """The whole file. `made`: Unix seconds."""
    suites = [*map(suite, report.routes), *_store(report)]
    timestamp = datetime.fromtimestamp(made, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return filled("report.xml", {}, suites=suites, timestamp=timestamp)


def suite(route: RouteReport) -> Suite:
    cases = (_comparisons, _mismatches, _regressions, _answers, _noise, _latency)
    counts = ("compared", "match", "ignored", "mismatch", "noise", "settled", "unexplained", "inconclusive")
    properties = [(name, str(getattr(route, name))) for name in counts]
    return Suite(route.route, tuple(case(route) for case in cases), (*properties, ("upper", f"{route.upper:.6g}")))


def _comparisons(route: RouteReport) -> Case:
    if route.compared:
        return Case(
            "comparisons", Outcome.PASSED, f"{route.compared:,} of {count(route.exchanges, 'exchange')} compared"
        )
    reasons = ", ".join(f"{each.reason} ({each.count:,})" for each in route.reasons)
    return Case("comparisons", Outcome.SKIPPED, f"nothing was fair to compare: {reasons}")


def _mismatches(route: RouteReport) -> Case:
    if not route.compared:
        return Case("mismatches", Outcome.SKIPPED, "nothing was compared")
    said = finding_words.shares(route)
    if not route.unexplained:
        return Case("mismatches", Outcome.PASSED, said)
    return Case("mismatches", Outcome.FAILED, said, _listed(route.fields, lambda field: field.is_unexplained))


def _regressions(route: RouteReport) -> Case:
    if not route.regressed:
        return Case("regressions", Outcome.PASSED, "nothing that was called fixed came back")
    said = f"{count(len(route.regressed), 'finding')} called fixed came back"
    return Case("regressions", Outcome.FAILED, said, _listed(route.regressed, lambda _: True))


def _answers(route: RouteReport) -> Case:
    missed = [each for each in route.failures if each.system is System.CANDIDATE]
    if not missed:
        return Case("answers", Outcome.PASSED, "the candidate answered whenever it was asked")
    said = ", ".join(f"{each.kind} {each.count:,}" for each in missed)
    return Case("answers", Outcome.FAILED, f"the candidate gave no answer: {said}")


def _noise(route: RouteReport) -> Case:
    if route.control is None:
        return Case("noise-control", Outcome.SKIPPED, "the route has no noise control (shadow.noise)")
    outcome = Outcome.PASSED if route.control.pairs else Outcome.SKIPPED
    return Case("noise-control", outcome, finding_words.control(route.control))


def _latency(route: RouteReport) -> Case:
    if route.legacy is None or route.candidate is None:
        return Case("latency", Outcome.SKIPPED, "no answers of both systems")
    return Case("latency", Outcome.PASSED, f"legacy {_took(route.legacy)}; candidate {_took(route.candidate)}")


def _took(latencies: Latencies) -> str:
    return ", ".join(f"{name} {seconds(getattr(latencies, name))}" for name in ("p50", "p95", "p99"))


def _listed(fields: tuple[FieldFinding, ...], holds: Callable[[FieldFinding], bool]) -> str:
    return "\n".join(line for field in fields[:MOST_FIELDS] if holds(field) for line in _lines(field))


def _lines(field: FieldFinding) -> Iterator[str]:
    yield f"{field.pattern}  {finding_words.what(field)}  {field.severity}  {finding_words.standing(field)}"
    yield f"  {finding_words.often(field)}"
    if field.noise is not None:
        yield f"  noise control: {finding_words.noise(field.noise)}"
    for name, value in (("legacy", field.legacy), ("candidate", field.candidate)):
        yield f"  {name:<9}  {'(absent)' if value is None else value}"
    yield f"  strangler show {field.exchange_id}"


def _store(report: Report) -> Iterator[Suite]:
    """What concerns all routes."""
    lost = list(losses(report))
    if lost:
        yield Suite("(all routes)", (Case("dropped", Outcome.SKIPPED, "; ".join(lost)),), ())
