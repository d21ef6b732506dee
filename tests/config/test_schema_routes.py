"""Routes, groups and entities as the contract writes them."""

import pytest
from pydantic import BaseModel, ValidationError

from proxy.config.schema_matches import MatchSpec
from proxy.config.schema_routes import CanarySpec, EntitySpec, GroupSpec, RouteSpec, ShadowSpec
from proxy.messages import Stage
from proxy.routing.route import PathKind

REFS = {"legacy": "monolith", "candidate": "payments"}
WHOLE = {
    "name": "create-payment",
    "group": "checkout",
    "owner": "@payments-core",
    "matches": [
        {
            "method": "POST",
            "path": {"type": "Exact", "value": "/v1/payments"},
            "headers": [{"name": "X-Country", "value": "FR"}],
            "query": [{"name": "v", "type": "RegularExpression", "value": "[0-9]+"}],
            "body": {"path": "$.country", "in": ["FR"]},
        }
    ],
    "backendRefs": REFS,
    "semantics": "auto",
    "shadow": {
        "candidate": "payments-dry",
        "legacy": "monolith-second",
        "noise": "monolith-second",
        "percent": 100,
        "writes": "Sandbox",
        "timeout": "10s",
        "maxBody": "256Ki",
        "maxRate": 200,
        "maxInFlight": 50,
    },
    "pin": {
        "key": ["header:Idempotency-Key", "body:$.idempotency_key"],
        "scope": "jwt:sub",
        "missing": "allow",
        "ttl": "48h",
    },
    "breaker": {"window": "30s", "minRequests": 20, "maxErrorRate": 0.05, "slowCallDuration": "2s"},
    "analysis": {
        "minSamples": 5000,
        "maxMismatchRate": 0.001,
        "confidence": 0.95,
        "maxLatencyRatioP99": 1.2,
        "maxErrorRateDelta": 0.002,
        "maxGapRate": 0.01,
    },
    "approval": {"people": 2, "to": ["canary", "reverse-shadow", "candidate"]},
    "timeouts": {"request": "1m30s"},
    "compare": "payment-json",
}


def test_a_whole_route() -> None:
    spec = RouteSpec.model_validate(WHOLE)
    assert spec.shadow is not None
    assert (spec.shadow.max_body, spec.shadow.timeout) == (262_144, 10.0)
    assert spec.timeouts is not None
    assert spec.timeouts.request == 90
    assert spec.matches[0].path.type is PathKind.EXACT
    assert spec.matches[0].method == ["POST"]
    assert spec.approval is not None
    assert spec.approval.to[1] is Stage.REVERSE_SHADOW


def test_a_route_that_says_little_matches_everything() -> None:
    spec = RouteSpec.model_validate({"name": "all", "backendRefs": {"legacy": "a"}})
    assert spec.matches == [MatchSpec()]
    assert (spec.matches[0].path.type, spec.matches[0].path.value) == (PathKind.PREFIX, "/")


def test_a_group_and_an_entity() -> None:
    canary = {"weight": 5, "hashOn": ["header:X-Merchant-Id"], "include": ["merchant-42"]}
    assert GroupSpec.model_validate({"name": "checkout", "stage": "shadow", "canary": canary}).stage is Stage.SHADOW
    entity = {
        "name": "payment",
        "place": ["/v1/payments/{id}", "$.id"],
        "pattern": "pay_[A-Za-z0-9]{8,}",
        "identity": "twin",
        "owner": "creator",
        "unknownOwner": "legacy",
        "aliases": ["$.psp_reference"],
    }
    assert EntitySpec.model_validate(entity).aliases == ["$.psp_reference"]


@pytest.mark.parametrize(
    ("model", "value"),
    [
        (RouteSpec, {"name": "a"}),
        (RouteSpec, {"name": "a", "backendRefs": {"candidate": "x"}}),
        (RouteSpec, {"name": "a", "backendRefs": {"legacy": "x"}, "stage": "Shadow"}),
        (RouteSpec, {"name": "a", "backendRefs": {"legacy": "x"}, "matches": []}),
        (CanarySpec, {"weight": 101}),
        (CanarySpec, {"weight": 5, "hashOn": ["client"] * 9}),
        (CanarySpec, {"weight": 5, "include": [""]}),
        (ShadowSpec, {"percent": 101}),
        (ShadowSpec, {"writes": "Live"}),
        (ShadowSpec, {"maxInFlight": 0}),
        (GroupSpec, {"name": "g", "stage": "shadow", "canary": {}}),
    ],
)
def test_what_is_wrong_is_refused(model: type[BaseModel], value: object) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(value)
