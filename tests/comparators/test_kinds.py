"""How two values differ, whatever rules there are."""

from decimal import Decimal

import pytest

from comparators import Kind, Severity
from comparators.document import Json, Repeated
from comparators.kinds import kind_of, severity_between


@pytest.mark.parametrize(
    ("legacy", "candidate", "kind"),
    [
        (1, 2, Kind.VALUE),
        (1, Decimal("1.0"), Kind.SPELLING),
        (1, True, Kind.TYPE),
        (1, "1", Kind.TYPE),
        (None, "", Kind.TYPE),
        ("a", "A", Kind.VALUE),
        ("2026-01-01T10:00:00Z", "2026-01-01T11:00:00+01:00", Kind.TIMEZONE),
        (Repeated((1, 2)), 1, Kind.DUPLICATE),
    ],
)
def test_kinds(legacy: Json, candidate: Json, kind: Kind) -> None:
    assert kind_of(legacy, candidate) is kind
    assert kind_of(candidate, legacy) is kind


def test_another_zone_of_one_instant_is_information() -> None:
    instant = "2026-01-01T10:00:00Z"
    assert severity_between(Kind.TIMEZONE, instant, "2026-01-01T11:00:00+01:00") is Severity.INFO
    assert severity_between(Kind.TIMEZONE, instant, "2026-01-01T10:00:00+01:00") is Severity.BREAKING
    assert severity_between(Kind.VALUE, 1, 2) is Severity.BREAKING
