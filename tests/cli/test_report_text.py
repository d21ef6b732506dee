"""The report for people."""

import io
from dataclasses import replace
from typing import Any

from rich.console import Console

from comparators import Severity
from proxy.cli.report_text import MOST_FIELDS, print_report
from proxy.evidence.findings import Decided, Decision, State
from proxy.evidence.noise import Judgement
from proxy.messages import System
from proxy.store.answers import (
    ControlReport,
    FailureCount,
    FieldFinding,
    Latencies,
    NoiseSeen,
    ReasonCount,
    Report,
    RouteReport,
)
from tests.store.made import NOON


def field(
    pattern: str, rule: str | None = None, legacy: str = '"10.00"', candidate: str | None = '"10.01"'
) -> FieldFinding:
    what = (pattern, "value", "one-unit", rule, Severity.BREAKING)
    return FieldFinding("3f2a9c01" * 4, *what, 7, 0.07, 0.13, NOON, NOON, "x7", pattern, legacy, candidate)


def route(name: str = "create", mismatch: int = 7, *fields: FieldFinding, **more: object) -> RouteReport:
    facts: dict[str, object] = {
        "reasons": (), "excused": (), "legacy": Latencies(100, 0.010, 0.02, 0.03), "failures": (),
        "candidate": Latencies(100, 0.020, 0.03, 0.04), "inconclusive": 0,
    }  # fmt: skip
    return RouteReport(route=name, match=93, ignored=0, mismatch=mismatch, fields=fields, **(facts | more))  # type: ignore[arg-type]


def text(*routes: RouteReport, dropped: tuple[ReasonCount, ...] = (), **more: Any) -> str:
    file = io.StringIO()
    console = Console(file=file, width=80, highlight=False)
    print_report(console, replace(Report(None, NOON, NOON + 60, routes, dropped), **more))
    assert max(len(line.rstrip()) for line in file.getvalue().splitlines()) <= 80
    return file.getvalue()


def test_which_field_how_often_which_pair_and_what_next() -> None:
    found = text(route("create", 7, field("$.lines[*].amount")))
    for words in (
        "100 exchanges on 1 route, 2023-11-15 12:00:00 to 12:01:00 UTC",
        "mismatch 7 (7 %)",
        "1. $.lines[*].amount  value",
        "in 7 exchanges, 7 % of those compared",
        'legacy     "10.00"',
        'candidate  "10.01"',
        "2.0 × slower than legacy",
        "Next: strangler show x7",
        "strangler differences create",
    ):
        assert words in found


def test_the_overview_comes_with_a_second_route() -> None:
    assert "unclear" not in text(route())
    found = text(route("create"), route("a-route-with-a-very-long-name-that-does-not-fit", 0))
    assert "unclear" in found
    assert "a-route-with-a-very-l…" in found


def test_reasons_failures_excuses_and_drops_are_told() -> None:
    found = text(
        route(
            inconclusive=3,
            reasons=(ReasonCount("shadow failed: timeout", 3),),
            failures=(FailureCount(System.CANDIDATE, "timeout", 3),),
            excused=(field("$.id", "Ignore $.id"),),
            candidate=None,
        ),
        dropped=(ReasonCount("channel-full", 12),),
    )
    assert "inconclusive 3: shadow failed: timeout (3)" in found
    assert "candidate gave no answer 3 times: timeout" in found
    assert "$.id  value  7 (Ignore $.id)" in found
    assert "Never compared, because dropped: channel-full 12" in found


def test_faster_and_alike() -> None:
    assert "2.0 × faster" in text(route(candidate=Latencies(1, 0.005, 0.1, 0.1)))
    assert "about as fast" in text(route(candidate=Latencies(1, 0.0105, 0.1, 0.1)))


def test_all_equal_and_nothing_comparable() -> None:
    assert "No mismatch" in text(route(mismatch=0))
    empty = RouteReport("r", 0, 0, 0, 5, (ReasonCount("", 5),), (), (), None, None, ())
    found = text(empty)
    assert "Nothing was fair to compare yet" in found
    assert "no reason given (5)" in found


def test_many_fields_and_long_values_stay_readable() -> None:
    many = [field(f"$.f{number}", legacy="x" * 300, candidate="x" * 299 + "y") for number in range(MOST_FIELDS + 2)]
    found = text(route("create", 7, *many))
    assert "and 2 causes more: strangler report create --json" in found
    assert "xy" in found


def test_values_never_command_the_terminal() -> None:
    assert "\x1b" not in text(route("create", 7, field("$.\x1b[2J", legacy="\x1b]0;x", candidate=None)))


def test_what_is_hidden_is_told() -> None:
    reasons = tuple(ReasonCount(f"reason-{number}", 9 - number) for number in range(5))
    found = " ".join(text(route(inconclusive=35, reasons=reasons)).split())
    assert "reason-2 (7), and 2 reasons more: strangler report create --json" in found
    assert "reason-3" not in found
    excused = tuple(field(f"$.f{number}", "Ignore $") for number in range(MOST_FIELDS + 1))
    assert "and 1 cause more: strangler report create --json" in text(route(excused=excused))


def test_what_was_lost_on_all_routes_is_not_taken_for_one_route() -> None:
    drops = (ReasonCount("channel-full", 12),)
    assert "dropped: channel-full 12" in text(route(), dropped=drops)
    found = " ".join(text(route(), dropped=drops, route="create", since=NOON, unaccounted=1200).split())
    assert "because dropped on all routes, since its processes started: channel-full 12" in found
    assert "1,200 copies were taken on all routes and neither compared nor counted" in found


def test_how_many_entities_have_diverged_is_told() -> None:
    assert "no longer alike" not in text(route())
    assert "1 entity is no longer alike on the two sides" in " ".join(text(route(), diverged=1).split())
    assert "1,200 entities are no longer alike" in " ".join(text(route(), diverged=1200).split())


def test_noise_state_and_severity_are_said_in_words() -> None:
    seen = NoiseSeen(Judgement.UNKNOWN, 1, 2, 1, 40, 900)
    decided = Decided(Decision.FIX, NOON - 60, "alice", "mended in 4.2")
    back = replace(field("$.a"), noise=seen, state=State.REGRESSED, decided=decided)
    found = text(route("create", 7, back, noise=2, settled=1, upper=0.08, control=ControlReport(40, ())))
    for words in (
        "REGRESSED  create $.a (value, one-unit)",
        "noise 2, accepted or fixed 1, unexplained 4, at most 8 % of those compared",
        "1. $.a  value, one-unit  breaking",
        "in 7 exchanges, 7 % of those compared (at most 13 %)",
        "noise control: raw 3, noise 2 of 40 pairs, not yet known (about 900 more",
        "finding 3f2a9c013f2a",
        "noise control: 40 pairs compared",
    ):
        assert words in found


def test_learned_noise_leads_to_rules() -> None:
    noisy = replace(field("$.id"), noise=NoiseSeen(Judgement.NOISE, 7, 0, 0, 40))
    found = text(route("create", 7, noisy, noise=7, control=ControlReport(40, ())))
    assert "strangler rules suggest create" in found
    assert "Every mismatch is explained: noise, accepted or fixed." in found
    assert "judged noise" in found
