"""What pydantic says, in words that a person can act on."""

import pytest

from proxy.config.wording import did_you_mean
from tests.config.documents import document, messages, route


@pytest.mark.parametrize(
    ("fields", "path", "message"),
    [
        ("shadw: {}", "shadw", 'unknown field; did you mean "shadow"?'),
        ("shadow: {timeOut: 1s}", "shadow.timeOut", 'unknown field; did you mean "timeout"?'),
        ("timeouts: {zzz: 1s}", "timeouts.zzz", "unknown field; there may be connect, idle, request"),
        ("semantics: wrte", "semantics", 'must be auto, read or write, not "wrte"; did you mean "write"?'),
        ("owner: 5", "owner", 'must be a string, not 5; quote it: "5"'),
        ("owner: true", "owner", 'must be a string, not true; quote it: "True"'),
        ("owner: [a]", "owner", "must be a string, not a list"),
        ("matches: {}", "matches", "must be a list, not a mapping"),
        ("matches: []", "matches", "must have at least 1 item, not 0"),
        (f"matches: [{'{}, ' * 65}]", "matches", "must have at most 64 items, not 65"),
        ("owner: ''", "owner", "must have at least 1 character, not 0"),
        ("matches: [5]", "matches[0]", "must be a mapping, not 5"),
        ("shadow: {maxInFlight: 1.5}", "shadow.maxInFlight", "must be a whole number, not 1.5"),
        ("shadow: {maxInFlight: '5'}", "shadow.maxInFlight", 'must be a whole number, not "5"'),
        ("matches: [{headers: [{value: x}]}]", "matches[0].headers[0].name", "required"),
        ("timeouts: {idle: 5}", "timeouts.idle", "must be a duration with its unit, like 30s, 1500ms or 1m30s"),
        ("shadow: {maxInFlight: 0}", "shadow.maxInFlight", "input should be greater than or equal to 1"),
    ],
)
def test_messages(fields: str, path: str, message: str) -> None:
    assert messages(document(route("a", fields))) == {f"spec.routes[0].{path}": message}


@pytest.mark.parametrize(
    ("rule", "path", "message"),
    [
        ("{path: $.a}", "type", "required"),
        ("{path: $.a, type: Ignor}", "type", 'not "Ignor"; did you mean "Ignore"?'),
        ("{path: $.a, type: Ignore, tolerance: 1}", "tolerance", "unknown field; there may be path, type"),
        ("{path: $.a, type: Timestamp, tolerence: 1s}", "tolerence", 'unknown field; did you mean "tolerance"?'),
        ("{type: Decimal, path: $.a}", "tolerance", "required"),
        ("{type: Ignore}", "path", "required"),
    ],
)
def test_messages_about_rules_have_no_trace_of_unions(rule: str, path: str, message: str) -> None:
    text = document(spec=f"  comparePolicies: [{{name: p, rules: [{rule}]}}]\n")
    ((where, said),) = messages(text).items()
    assert where == f"spec.comparePolicies[0].rules[0].{path}"
    assert message in said


def test_a_hint_is_given_only_where_it_is_likely() -> None:
    assert did_you_mean("monolit", ["monolith", "payments"]) == '; did you mean "monolith"?'
    assert did_you_mean("x", ["monolith"]) == ""
    assert did_you_mean(5, ["5"]) == ""
