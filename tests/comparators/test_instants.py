"""Timestamps are read exactly or not at all."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparators.instants import Notation, apart, instant, zones_differ

NOON = "2024-05-01T12:00:00Z"


def distance(legacy: object, candidate: object) -> Decimal | None:
    ours, theirs = instant(legacy), instant(candidate)
    assert ours is not None
    assert theirs is not None
    return apart(ours, theirs)


@pytest.mark.parametrize(
    "same",
    [
        "2024-05-01T12:00Z",
        "2024-05-01 12:00:00z",
        "2024-05-01t12:00:00.000Z",
        "2024-05-01T14:00:00+02:00",
        "2024-05-01T14:00:00+0200",
        "2024-05-01T14:00:00+02",
        "2024-05-01T06:30:00-05:30",
        "2024-05-02T02:00:00+14:00",
    ],
)
def test_spellings_of_one_instant(same: object) -> None:
    assert distance(NOON, same) == 0


@pytest.mark.parametrize(
    ("value", "notation"),
    [
        (NOON, Notation.ISO),
        (1714564800, Notation.SECONDS),
        ("1714564800", Notation.SECONDS),
        (Decimal("1714564800.000"), Notation.SECONDS),
        (1714564800000, Notation.MILLISECONDS),
        ("1714564800000", Notation.MILLISECONDS),
    ],
)
def test_one_instant_in_different_notations_is_not_comparable(value: object, notation: Notation) -> None:
    read = instant(value)
    assert read is not None
    assert (read.clock, read.offset, read.notation) == (1714564800 * 10**18, 0, notation)
    for other in (NOON, 1714564800, 1714564800000):
        there = instant(other)
        assert there is not None
        assert (apart(read, there) is None) == (there.notation is not notation)


@pytest.mark.parametrize(
    ("other", "seconds"),
    [
        ("2024-05-01T12:00:02Z", "2"),
        ("2024-05-01T11:59:59.5Z", "0.5"),
        ("2024-05-01T12:00:00,000000000000000001Z", "0.000000000000000001"),
        ("2024-05-01T12:00:60Z", "60"),
        ("0001-01-01T00:00:00Z", "63850161600"),
    ],
)
def test_distances_are_exact(other: object, seconds: str) -> None:
    assert distance(NOON, other) == distance(other, NOON) == Decimal(seconds)


@pytest.mark.parametrize(
    ("one", "other", "seconds"),
    [
        (1714564800, Decimal("1714564800.25"), "0.25"),
        (1714564800, -(10**8), "1814564800"),
        (1714564800000, 1714564800001, "0.001"),
        ("1714564800000", 1714564800001, "0.001"),
    ],
)
def test_distances_of_unix_times_are_exact(one: object, other: object, seconds: str) -> None:
    assert distance(one, other) == distance(other, one) == Decimal(seconds)


@given(
    st.datetimes(timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))),
    st.datetimes(timezones=st.just(UTC)),
)
def test_distances_agree_with_datetime(one: datetime, other: datetime) -> None:
    expected = abs(one - other)
    assert distance(one.isoformat(), other.isoformat()) == Decimal(expected // timedelta(microseconds=1)).scaleb(-6)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "",
        "soon",
        "2024-05-01",
        "2024-13-01T00:00:00Z",
        "2024-05-01T12:00:00+24:00",
        "2024-05-01T12:00:00+02:60",
        "2024-02-30T00:00:00Z",
        "2024-05-01T24:00:00Z",
        "2024-05-01T12:60:00Z",
        "2024-05-01T12:00:61Z",
        "2024-05-01T12:00:00Zx",
        " 2024-05-01T12:00:00Z",
        "２０２４-05-01T12:00:00Z",
        "12345678",
        0,
        1,
        5,
        Decimal("99999999.9"),
        -99_999_999,
        "12345678901234",
        10**15,
        -(10**15),
        Decimal("1E+999999999"),
        Decimal("1E-999999999"),
        Decimal("1714564800.0000000000000000001"),
        [],
    ],
)
def test_what_is_no_timestamp(value: object) -> None:
    assert instant(value) is None


def test_a_time_without_a_zone_is_comparable_only_with_another() -> None:
    assert distance("2024-05-01T12:00:00", NOON) is None
    assert distance("2024-05-01T12:00:00", "2024-05-01T12:00:01") == 1


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        ("2024-05-01T14:00:00+02:00", True),
        ("2024-05-01T12:00:00+02:00", True),
        ("2024-05-01T12:00:00+00:00", True),
        ("2024-05-01T12:00:00", True),
        ("2024-05-01T13:00:00Z", False),
        ("2024-05-01T12:00:00.000Z", False),
        ("2024-05-01T13:00:00+02:00", False),
        ("2024-05-01", False),
        ("2024-is-not-a-date", False),
        ("", False),
    ],
)
def test_zones(candidate: str, expected: bool) -> None:
    assert zones_differ(NOON, candidate) is expected
    assert zones_differ(candidate, NOON) is expected


def test_one_zone_on_both_sides_is_no_difference_of_zones() -> None:
    assert not zones_differ("2024-05-01T12:00:00+02:00", "2024-05-01T12:00:00.000+02:00")
