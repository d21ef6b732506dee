"""What a schema cannot see."""

import pytest

from tests.config.documents import document, messages, route


@pytest.mark.parametrize(
    ("line", "path", "message"),
    [
        ("{name: a, stage: legacy, backendRefs: {legacy: olt}}", "backendRefs.legacy", 'did you mean "old"?'),
        ("{name: a, stage: legacy, backendRefs: {legacy: xyz}}", "backendRefs.legacy", "there is old, new"),
        (route("a", "shadow: {candidate: nope}"), "shadow.candidate", 'no backend has the name "nope"'),
        (route("a", "compare: nope"), "compare", 'no compare policy has the name "nope"'),
        ("{name: a, backendRefs: {legacy: old}}", "stage", "required: legacy, shadow or candidate"),
        ("{name: a, stage: candidate, backendRefs: {legacy: old}}", "stage", "needs backendRefs.candidate"),
        ("{name: a, stage: shadow, backendRefs: {legacy: old}}", "stage", "needs shadow.candidate or"),
        (route("a", "matches: [{path: {value: a}}]"), "matches[0].path.value", "a path starts with /"),
        (route("a", "matches: [{path: {value: /a//b}}]"), "matches[0].path.value", "several ways"),
        (
            route("a", "matches: [{}, {path: {type: RegularExpression, value: '/('}}]"),
            "matches[1].path.value",
            "not a RE2 expression: missing )",
        ),
        (
            route("a", "matches: [{headers: [{name: a, type: RegularExpression, value: '['}]}]"),
            "matches[0].headers[0].value",
            "not a RE2 expression",
        ),
        (
            route("a", "matches: [{query: [{name: a, type: RegularExpression, value: '['}]}]"),
            "matches[0].query[0].value",
            "not a RE2 expression",
        ),
        (
            route("a", "matches: [{headers: [{name: X, value: a}, {name: x, value: b}]}]"),
            "matches[0].headers",
            "matched twice",
        ),
    ],
)
def test_routes(line: str, path: str, message: str) -> None:
    ((where, said),) = messages(document(line)).items()
    assert where == f"spec.routes[0].{path}"
    assert message in said


def test_a_shadow_of_its_own_is_enough_for_stage_shadow() -> None:
    line = "{name: a, stage: shadow, backendRefs: {legacy: old}, shadow: {candidate: new}}"
    assert messages(document(line)) == {}


def test_every_second_thing_of_one_name_is_found() -> None:
    text = document(
        route("a"),
        route("b"),
        route("a"),
        backends="\n    - {name: old, url: 'http://a'}\n    - {name: new, url: 'http://b'}\n    - {name: old, url: 'http://c'}",
        spec="  comparePolicies: [{name: p}, {name: p}]\n",
    )
    assert messages(text) == {
        "spec.routes[2].name": '"a" is also the name of routes[0]',
        "spec.backends[2].name": '"old" is also the name of backends[0]',
        "spec.comparePolicies[1].name": '"p" is also the name of comparePolicies[0]',
    }


@pytest.mark.parametrize(
    ("fields", "message"),
    [("effects: live", "required; or urls"), ("url: 'http://a/b//c'", "several ways"), ("url: 'http://a/%2F'", "ways")],
)
def test_backends(fields: str, message: str) -> None:
    text = document(backends=f"\n    - {{name: old, {fields}}}\n    - {{name: new, url: 'http://b'}}")
    assert message in messages(text)["spec.backends[0].url"]


@pytest.mark.parametrize(
    ("url", "tls", "path", "message"),
    [
        ("http://a", "ca: a.pem", "tls", "has no effect on an http URL"),
        ("https://a", "certificate: a.pem", "tls.key", "come together"),
        ("https://a", "key: a.pem", "tls.certificate", "come together"),
    ],
)
def test_tls_of_backends(url: str, tls: str, path: str, message: str) -> None:
    text = document(
        backends=f"\n    - {{name: old, url: '{url}', tls: {{{tls}}}}}\n    - {{name: new, url: 'http://b'}}"
    )
    ((where, said),) = messages(text).items()
    assert where == f"spec.backends[0].{path}"
    assert message in said


def test_the_default_policy_must_be_there() -> None:
    assert "no compare policy" in messages(document(spec="  defaults: {compare: x}\n"))["spec.defaults.compare"]
    assert messages(document(spec="  defaults: {compare: default}\n")) == {}
