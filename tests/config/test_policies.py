"""comparePolicies become policies of comparators."""

from decimal import Decimal

import pytest

from comparators import (
    DecimalRule,
    IgnoreRule,
    MoneyRule,
    PatternRule,
    Severity,
    SeverityRule,
    TimestampRule,
    TwinRule,
    Units,
    UnorderedRule,
)
from proxy.config.load import loads
from proxy.config.policies import default_policy
from proxy.redaction import RedactionRules
from tests.config.documents import document, messages

RULES = """  comparePolicies:
    - name: p
      headers: {include: [set-cookie], cookies: [locale]}
      status: {families: [[400, 422], [5xx]]}
      rules:
        - {path: $.a, type: Decimal, relativeTolerance: "0.001"}
        - {path: $.a, type: Decimal, minorUnits: 1, currency: "$.currency"}
        - {path: $.b, type: Money}
        - {path: $.b, type: Money, currency: ccy, exponent: digits, units: minor}
        - {path: $.b, type: Money, units: {candidate: minor}}
        - {path: $.c, type: Pattern, pattern: "[a-z]+"}
        - {path: $.d, type: Unordered, key: sku}
        - {path: $.e, type: Twin}
        - {path: $.e, type: Alias}
        - {path: $.f, type: Severity, severity: info}
"""

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


def test_every_kind_of_rule_and_what_else_may_differ() -> None:
    policy = loads(document(spec=RULES), environ={}).policies["p"].policy
    assert policy.rules == (
        DecimalRule("$.a", relative=Decimal("0.001")),
        DecimalRule("$.a", minor_units=Decimal(1), currency="$.currency"),
        MoneyRule("$.b"),
        MoneyRule("$.b", "ccy", "digits", Units.MINOR, Units.MINOR),
        MoneyRule("$.b", candidate=Units.MINOR),
        PatternRule("$.c", "[a-z]+"),
        UnorderedRule("$.d", "sku"),
        TwinRule("$.e"),
        TwinRule("$.e", "Alias"),
        SeverityRule("$.f", Severity.INFO),
    )
    assert policy.cookies == {b"locale"}
    assert policy.families == (frozenset({400, 422}), frozenset(range(500, 600)))


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
        ("rules: [{path: '$.a', type: Unordered, key: '$.b'}]", "rules[0].key", "inside each element"),
        ("rules: [{path: '$.a', type: Money, currency: '$.b[*]'}]", "rules[0].currency", "must name one place"),
        ("rules: [{path: '$.a', type: Pattern, pattern: '('}]", "rules[0].pattern", "not a RE2 expression"),
        ("rules: [{path: '$.a', type: Pattern, pattern: '(?=a)'}]", "rules[0].pattern", "not a RE2 expression"),
        ("status: {families: [[200, 201]]}", "status.families[0]", "each from 400 to 599"),
        ("status: {families: [[]]}", "status.families[0]", "must name error statuses"),
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
