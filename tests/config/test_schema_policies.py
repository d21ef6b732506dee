"""Compare policies as the contract writes them."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from proxy.config.schema_policies import ComparePolicySpec, DecimalSpec, TimestampSpec


def _rules(*rules: dict[str, object]) -> ComparePolicySpec:
    return ComparePolicySpec.model_validate({"name": "p", "rules": list(rules)})


def test_every_kind_of_rule() -> None:
    spec = _rules(
        {"path": "$..request_id", "type": "Ignore"},
        {"path": "$..amount", "type": "Decimal", "tolerance": "0.01"},
        {"path": "$.created", "type": "Timestamp", "tolerance": "2s"},
        {"path": "$.lines", "type": "Unordered", "key": "sku"},
        {"path": "$.id", "type": "Twin"},
        {"path": "$.id", "type": "Alias"},
        {"path": "$.total", "type": "Money", "currency": "currency"},
        {"path": "$.total", "type": "Money", "exponent": "exponent", "units": {"legacy": "minor"}},
        {"path": "$.total", "type": "Money", "units": "major"},
        {"path": "$.fee", "type": "Decimal", "minorUnits": 1},
        {"path": "$.rate", "type": "Decimal", "relativeTolerance": "0.001"},
        {"path": "$.code", "type": "Pattern", "pattern": "[A-Z]+"},
        {"path": "$.note", "type": "Severity", "severity": "info"},
    )
    decimal, timestamp = spec.rules[1:3]
    assert isinstance(decimal, DecimalSpec)
    assert decimal.tolerance == Decimal("0.01")
    assert isinstance(timestamp, TimestampSpec)
    assert timestamp.tolerance == 2


@pytest.mark.parametrize(
    "rule",
    [
        {"path": "$.a"},
        {"path": "$.a", "type": "ignore"},
        {"type": "Ignore"},
        {"path": "a", "type": "Ignore"},
        {"path": "$.a", "type": "Ignore", "tolerance": "1"},
        {"path": "$.a", "type": "Decimal"},
        {"path": "$.a", "type": "Decimal", "currency": "currency"},
        {"path": "$.a", "type": "Money", "units": "cents"},
        {"path": "$.a", "type": "Pattern"},
        {"path": "$.a", "type": "Decimal", "tolerance": 0.01},
        {"path": "$.a", "type": "Timestamp", "tolerance": 2},
        {"path": "$.a", "type": "Severity", "severity": "bad"},
    ],
)
def test_what_is_wrong_with_a_rule_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        _rules(rule)


def test_a_policy_compares_json_unless_told() -> None:
    assert _rules().content_types == ["application/json"]
    assert _rules().headers.include == []
