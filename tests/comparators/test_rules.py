"""Rules are values: equal by what they say, and named so that a person recognises the line in the configuration."""

from decimal import Decimal

import pytest

from comparators.differences import Severity
from comparators.rules import (
    DecimalRule,
    IgnoreRule,
    MoneyRule,
    PatternRule,
    Rule,
    SeverityRule,
    TimestampRule,
    TwinRule,
    UnorderedRule,
)


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (IgnoreRule("$..id"), "Ignore $..id"),
        (DecimalRule("$.amount"), "Decimal $.amount"),
        (TimestampRule("$.created", Decimal(2)), "Timestamp $.created"),
        (MoneyRule("$..amount"), "Money $..amount"),
        (PatternRule("$.ref", "[a-z]+"), "Pattern $.ref"),
        (UnorderedRule("$.lines", "sku"), "Unordered $.lines"),
        (TwinRule("$.id"), "Twin $.id"),
        (TwinRule("$.id", "Alias"), "Alias $.id"),
        (SeverityRule("$.meta", Severity.INFO), "Severity $.meta"),
    ],
)
def test_names(rule: Rule, name: str) -> None:
    assert rule.name == name


def test_tolerance_is_zero_unless_said() -> None:
    assert DecimalRule("$.a") == DecimalRule("$.a", Decimal(0)) != DecimalRule("$.a", Decimal(1))
    assert TimestampRule("$.a").tolerance == 0
