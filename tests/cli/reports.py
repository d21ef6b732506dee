"""Reports made up of hostile values, for the formats that must show them as what they are: text."""

from dataclasses import replace

from comparators import Severity
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

EVIL = (
    "</code></mark><script>alert(1)</script><img src=x onerror=alert(2)> | `` ` ![x](http://evil/) @team "
    "\u202e\x1b[31m]]>\n# x"
)
"""What somebody may send who wants to be seen by those who read reports."""

LATENCIES = Latencies(100, 0.010, 0.020, 0.030)


def cause(pattern: str = "$.amount", **parts: object) -> FieldFinding:
    what = (pattern, "value", "one-unit", None, Severity.BREAKING)
    made = FieldFinding("3f2a9c01" * 4, *what, 7, 0.07, 0.13, NOON, NOON + 50, "x7", pattern, '"10.00"', '"10.01"')
    return replace(made, **parts)  # type: ignore[arg-type]


def route(*fields: FieldFinding, name: str = "create", mismatch: int = 7, **parts: object) -> RouteReport:
    made = RouteReport(
        name, 93 - 7, 7, mismatch, 0, (), fields, (), LATENCIES, LATENCIES, (), upper=0.13 if mismatch else 0.03
    )
    return replace(made, **parts)  # type: ignore[arg-type]


def report(*routes: RouteReport, **parts: object) -> Report:
    return replace(Report(None, NOON, NOON + 60, routes, ()), **parts)  # type: ignore[arg-type]


def hostile() -> Report:
    """Everything that may come from outside says EVIL."""
    decided = Decided(Decision.FIX, NOON, EVIL, EVIL)
    noise = NoiseSeen(Judgement.UNKNOWN, 1, 2, 1, 40, 900)
    back = cause(EVIL, legacy=EVIL, candidate=EVIL + "!", path=EVIL, exchange_id=EVIL, state=State.REGRESSED)
    made = route(
        replace(back, decided=decided, noise=noise),
        cause("$.gone", candidate=None, state=State.ACCEPTED, decided=Decided(Decision.ACCEPT, NOON, "bob", "ok", 4e9)),
        name=EVIL,
        inconclusive=3,
        reasons=(ReasonCount(EVIL, 3),),
        failures=(FailureCount(System.CANDIDATE, EVIL, 3),),
        excused=(cause(EVIL, rule=EVIL),),
        control=ControlReport(40, (ReasonCount(EVIL, 2),)),
    )
    return report(made, dropped=(ReasonCount(EVIL, 12),), unaccounted=3)
