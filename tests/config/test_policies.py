"""comparePolicies become policies of comparators."""

from decimal import Decimal

import pytest

from comparators import DecimalRule, IgnoreRule, TimestampRule
from proxy.config.load import loads
from proxy.config.policies import default_policy
from proxy.redaction import RedactionRules
from tests.config.documents import document, messages

POLICY = """  comparePolicies:
    - name: p
      contentTypes: [application/json, application/problem+json]
      headers: {include: [Content-Type, location]}
      redact: ["$..card.number", "header:X-Secret"]
      rules:
        - {path: "$..id", type: Ignore}
        - {path: "$.amount", type: Decimal, tolerance: "0.01"}
        - {path: "$.at", type: Timestamp, tolerance: 1500ms}
"""


def test_a_policy_has_its_rules_headers_and_redaction() -> None:
    found = loads(document(spec=POLICY), environ={}).policies["p"]
    assert found.policy.rules == (
        IgnoreRule("$..id"),
        DecimalRule("$.amount", Decimal("0.01")),
        TimestampRule("$.at", 1.5),
    )
    assert found.policy.headers == (b"content-type", b"location")
    assert found.policy.content_types == frozenset({"application/json", "application/problem+json"})
    assert found.redaction == RedactionRules(("$..card.number",), ("x-secret",))


def test_routes_that_name_no_policy_have_one() -> None:
    table = loads(document(), environ={})
    assert table.policies[table.routes[0].compare] == default_policy()


@pytest.mark.parametrize(
    ("policy", "path", "message"),
    [
        ("rules: [{path: '$.a', type: Ignore}, {path: '$.[', type: Ignore}]", "rules[1].path", "at character 2"),
        ("redact: ['$..a', '$..']", "redact[1]", "at character"),
        ("redact: ['card']", "redact[0]", "a path starts with $"),
        ("redact: ['header:']", "redact[0]", "must name a header"),
        ("redact: ['header:a b']", "redact[0]", "must name a header"),
    ],
)
def test_a_path_that_cannot_be_read_is_told_with_its_rule(policy: str, path: str, message: str) -> None:
    ((where, said),) = messages(document(spec=f"  comparePolicies: [{{name: p, {policy}}}]\n")).items()
    assert where == f"spec.comparePolicies[0].{path}"
    assert message in said


def test_rules_that_are_too_many_together_are_told_for_the_policy() -> None:
    rules = ", ".join(f"{{path: '$..a{n}[*][*][*][*][*][*].b{n}[*]', type: Ignore}}" for n in range(12))
    found = messages(document(spec=f"  comparePolicies: [{{name: p, rules: [{rules}]}}]\n"))
    assert "too many" in found["spec.comparePolicies[0].rules"]
