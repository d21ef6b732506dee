"""Rules excuse within their tolerance, exactly, and nothing else."""

import time
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparators.document import Json
from comparators.excuses import excuse, expression_of
from comparators.rules import DecimalRule, Excusing, PatternRule, TimestampRule
from comparators.siblings import Around


def excuse_of(rules: Sequence[Excusing], legacy: Json, candidate: Json, **beside: Json) -> str | None:
    """What excuses two values that stand in two objects beside the same members."""
    return excuse(rules, legacy, candidate, Around({**beside}, {**beside}))


@pytest.mark.parametrize(
    ("tolerance", "legacy", "candidate", "excused"),
    [
        ("0", "10.0", "10.00", True),
        ("0", "10", "1e1", True),
        ("0", Decimal("10.00"), 10, True),
        ("0", Decimal("10.00"), "10.00", False),
        ("Infinity", 4999, "4999", False),
        ("0", Decimal("10.00"), Decimal("10.01"), False),
        ("0.01", Decimal("10.00"), Decimal("10.01"), True),
        ("0.01", Decimal("10.01"), 10, True),
        ("0.01", Decimal("10.00"), Decimal("10.010000000000000000000000000000001"), False),
        ("0.01", "-0.005", "+0.005", True),
        ("0", 10**40, 10**40 + 1, False),
        ("1", 10**40, 10**40 + 1, True),
        ("1", 10**4000, 10**4000 + 1, True),
        ("0.5", 10**4000, 10**4000 + 1, False),
        ("123456789012345678901234567890123456789", 0, 123456789012345678901234567890123456789, True),
        ("Infinity", 1, 10**9, True),
        ("1", "1,000", "1,000.0", False),
        ("1", "NaN", "NaN ", False),
        ("1", " 1", "1", False),
        ("1", "", "0", False),
        ("1", "١", "1", False),
        ("1", True, 1, False),
        ("1", None, 0, False),
        ("1", [1], [2], False),
    ],
)
def test_decimals(tolerance: str, legacy: Json, candidate: Json, excused: bool) -> None:
    rule = DecimalRule("$", Decimal(tolerance))
    assert excuse_of([rule], legacy, candidate) == (rule.name if excused else None)
    assert excuse_of([rule], candidate, legacy) == (rule.name if excused else None)


@given(st.integers(), st.integers(0), st.integers(-300, 300))
def test_the_tolerance_is_inclusive_at_any_size(value: int, tolerance: int, places: int) -> None:
    legacy, within, beyond = (
        Decimal(f"{number}E{places}") for number in (value, value + tolerance, value + tolerance + 1)
    )
    rule = DecimalRule("$", Decimal(f"{tolerance}E{places}"))
    assert excuse_of([rule], legacy, within) == excuse_of([rule], str(within), str(legacy)) == rule.name
    assert excuse_of([rule], legacy, beyond) is excuse_of([rule], str(beyond), str(legacy)) is None
    assert excuse_of([rule], legacy, str(within)) is None


@pytest.mark.parametrize("other", [Decimal(1), Decimal("1E-999999999"), Decimal("-1E+999999998")])
def test_numbers_too_far_apart_to_subtract_exactly_are_not_excused_in_time(other: Decimal) -> None:
    begun = time.process_time()
    assert excuse_of([DecimalRule("$", Decimal(10))], Decimal("1E+999999999"), other) is None
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("tolerance", "legacy", "candidate", "excused"),
    [
        ("0", "2024-05-01T12:00:00Z", "2024-05-01T14:00:00+02:00", True),
        ("0", "2024-05-01T12:00:00Z", "2024-05-01T12:00:00.000Z", True),
        ("0", "2024-05-01T12:00:00Z", 1714564800, False),
        ("0", "2024-05-01T12:00:00Z", 1714564800000, False),
        ("0", "2024-05-01T12:00:00Z", "1714564800", False),
        ("0", 1714564800, "1714564800", False),
        ("0", 1714564800, 1714564800000, False),
        ("0", "1714564800", "1714564800000", False),
        ("5", 1, 5, False),
        ("2", 1714564800, Decimal("1714564800.25"), True),
        ("2", "1714564800", "1714564801", True),
        ("2", "2024-05-01T12:00:00Z", "2024-05-01T12:00:02Z", True),
        ("2", "2024-05-01T12:00:00Z", "2024-05-01T12:00:02.000000001Z", False),
        ("2", 1714564800, 1714564802, True),
        ("2", 1714564800, 1714564803, False),
        ("0.002", 1714564800000, 1714564800002, True),
        ("2", "2024-05-01T12:00:00Z", "2024-05-01T12:00:00+02:00", False),
        ("99999", "2024-05-01T12:00:00Z", "2024-05-01T12:00:01", False),
        ("2", "2024-05-01T12:00:00Z", None, False),
        ("2", "a", "b", False),
    ],
)
def test_timestamps(tolerance: str, legacy: Json, candidate: Json, excused: bool) -> None:
    rule = TimestampRule("$", Decimal(tolerance))
    assert excuse_of([rule], legacy, candidate) == (rule.name if excused else None)
    assert excuse_of([rule], candidate, legacy) == (rule.name if excused else None)


def test_a_tolerance_that_is_a_float_is_what_it_says() -> None:
    rule, noon = TimestampRule("$", 0.3), "2024-05-01T12:00:00{}Z"
    assert excuse_of([rule], noon.format(""), noon.format(".3")) == rule.name
    assert excuse_of([rule], noon.format(""), noon.format(".300000001")) is None


def test_a_timestamp_tolerance_may_be_a_float() -> None:
    assert excuse_of([TimestampRule("$", 0.5)], 1714564800, Decimal("1714564800.5")) == "Timestamp $"
    assert excuse_of([TimestampRule("$", 0.5)], 1714564800, Decimal("1714564800.51")) is None


def test_the_first_rule_that_excuses_is_named() -> None:
    rules = [DecimalRule("$.a"), PatternRule("$.*", "[0-9]+"), PatternRule("$.a", "[0-9]")]
    assert excuse_of(rules, 1, 2) == "Pattern $.*"
    assert excuse_of([], 1, 2) is None


@pytest.mark.parametrize(
    ("relative", "legacy", "candidate", "is_excused"),
    [
        ("0.01", 100, 101, True),
        ("0.01", 100, Decimal("101.02"), False),
        ("0.01", "-100", "-99", True),
        ("0.01", 100, -100, False),
        ("0.01", 0, Decimal("0.0001"), False),
        ("1", 10**30, 0, True),
    ],
)
def test_a_share_of_the_larger(relative: str, legacy: Json, candidate: Json, is_excused: bool) -> None:
    rule = DecimalRule("$", relative=Decimal(relative))
    assert excuse_of([rule], legacy, candidate) == (rule.name if is_excused else None)
    assert excuse_of([rule], candidate, legacy) == (rule.name if is_excused else None)


@pytest.mark.parametrize(
    ("currency", "legacy", "candidate", "is_excused"),
    [
        ("EUR", "10.00", "10.01", True),
        ("EUR", "10.00", "10.02", False),
        ("JPY", 1000, 1001, True),
        ("JPY", 1000, 1002, False),
        ("BHD", "1.000", "1.001", True),
        ("BHD", "1.00", "1.01", False),
        ("???", "1.00", "1.01", False),
        (None, "1.00", "1.01", False),
        (978, "1.00", "1.01", False),
    ],
)
def test_a_minor_unit_of_the_currency_beside(currency: Json, legacy: Json, candidate: Json, is_excused: bool) -> None:
    rule = DecimalRule("$", minor_units=Decimal(1))
    assert excuse_of([rule], legacy, candidate, currency=currency) == (rule.name if is_excused else None)


def test_minor_units_of_two_currencies_excuse_nothing() -> None:
    rule = DecimalRule("$.a", minor_units=Decimal(1))
    assert excuse([rule], "1.00", "1.01", Around({"currency": "EUR"}, {"currency": "USD"})) is None


@pytest.mark.parametrize(
    ("pattern", "legacy", "candidate", "is_excused"),
    [
        ("req_[a-z0-9]+", "req_1", "req_2", True),
        ("req_[a-z0-9]+", "req_1", "req_2 ", False),
        ("req_[a-z0-9]+", "xreq_1", "req_2", False),
        ("(?i)REQ_.", "req_1", "Req_2", True),
        ("[0-9]+", 1, 2, True),
        ("[0-9]+", 1, Decimal("2.5"), False),
        ("[0-9]+", 1, "2", False),
        (".*", None, 1, False),
        (".*", True, False, False),
        (".*", "a", "\ud800", False),
        (".*", "é", "ü", True),
        (".*", [1], [2], False),
    ],
)
def test_both_match_as_a_whole(pattern: str, legacy: Json, candidate: Json, is_excused: bool) -> None:
    rule = PatternRule("$", pattern)
    assert excuse_of([rule], legacy, candidate) == (rule.name if is_excused else None)


def test_a_hostile_expression_takes_time_linear_in_its_input() -> None:
    begun = time.process_time()
    assert excuse_of([PatternRule("$", "(a+)+b")], "a" * 1_000_000, "a" * 1_000_000 + "c") is None
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("pattern", ["(", "(?=a)", r"(a)\1"])
def test_what_is_no_re2_expression_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="not a RE2 expression"):
        expression_of(pattern)
