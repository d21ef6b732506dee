"""Matches as the contract writes them."""

import pytest
from pydantic import ValidationError

from proxy.config.schema_matches import MatchSpec
from proxy.routing.route import PathKind, ValueKind

WHOLE = {
    "method": "POST",
    "path": {"type": "Exact", "value": "/v1/payments"},
    "host": "pay.example",
    "headers": [{"name": "X-Country", "value": "FR"}],
    "query": [{"name": "v", "type": "RegularExpression", "value": "[0-9]+"}],
    "cookies": [{"name": "beta", "type": "Present"}],
    "claims": [{"name": "sub", "type": "Absent"}],
    "during": {"from": "08:00", "to": "18:00", "days": ["Mon"], "zone": "UTC"},
    "body": {"path": "$.country", "in": ["FR"]},
}


def test_a_whole_match() -> None:
    spec = MatchSpec.model_validate(WHOLE)
    assert (spec.method, spec.path.type, spec.host) == (["POST"], PathKind.EXACT, ["pay.example"])
    assert (spec.cookies[0].type, spec.claims[0].type) == (ValueKind.PRESENT, ValueKind.ABSENT)
    assert spec.during is not None
    assert (spec.during.begin, spec.during.end) == (480, 1080)
    assert spec.body is not None
    assert spec.body.values == ["FR"]


def test_a_match_that_says_nothing_takes_everything() -> None:
    spec = MatchSpec.model_validate({})
    assert (spec.path.type, spec.path.value, spec.method, spec.host) == (PathKind.PREFIX, "/", None, None)


@pytest.mark.parametrize(
    "value",
    [
        {"path": {"type": "exact", "value": "/"}},
        {"headers": [{"name": "a b", "value": "c"}]},
        {"headers": [{"name": "a", "type": "Exists"}]},
        {"cookies": [{"name": "a=b", "value": "c"}]},
        {"host": "a:80"},
        {"host": "*"},
        {"host": "a.*.b"},
        {"host": []},
        {"during": {"from": "8:00"}},
        {"during": {"from": "25:00"}},
        {"during": {"days": ["Monday"]}},
        {"during": {"days": []}},
        {"body": {"path": "$.a", "in": []}},
        {"body": {"path": "$.a", "in": [True]}},
    ],
)
def test_what_is_wrong_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        MatchSpec.model_validate(value)
