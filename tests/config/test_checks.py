"""What a schema cannot see."""

import pytest

from proxy.config import checks, draft
from proxy.config.problems import written
from proxy.config.schema import RouteTableSpec
from proxy.config.yaml_reader import read
from tests.config.documents import document, messages, route


@pytest.mark.parametrize(
    ("line", "path", "message"),
    [
        ("{name: a, stage: legacy, backendRefs: {legacy: olt}}", "backendRefs.legacy", 'did you mean "old"?'),
        ("{name: a, stage: legacy, backendRefs: {legacy: xyz}}", "backendRefs.legacy", "there is old, new"),
        (route("a", "shadow: {candidate: nope}"), "shadow.candidate", 'no backend has the name "nope"'),
        (route("a", "compare: nope"), "compare", 'no compare policy has the name "nope"'),
        (
            "{name: a, backendRefs: {legacy: old}}",
            "stage",
            "required: legacy, shadow, canary, reverse-shadow or candidate; or a group",
        ),
        ("{name: a, stage: candidate, backendRefs: {legacy: old}}", "stage", "needs backendRefs.candidate"),
        ("{name: a, stage: shadow, backendRefs: {legacy: old}}", "stage", "needs shadow.candidate or"),
        (route("a", "shadow: {legacy: nope}"), "shadow.legacy", 'no backend has the name "nope"'),
        (route("a", "shadow: {noise: nope}"), "shadow.noise", 'no backend has the name "nope"'),
        (route("a", "shadow: {noise: new}"), "shadow.noise", "new is the candidate"),
        (
            "{name: a, stage: canary, backendRefs: {legacy: old}, canary: {weight: 5, hashOn: [client]}}",
            "stage",
            "needs",
        ),
        ("{name: a, stage: reverse-shadow, backendRefs: {legacy: old}}", "stage", "needs backendRefs.candidate"),
        (route("a", "breaker: {maxSlowCallRate: 0.1}"), "breaker.maxSlowCallRate", "without slowCallDuration"),
        ("{name: a, group: chekout, backendRefs: {legacy: old}}", "group", 'no group has the name "chekout"'),
    ],
)
def test_routes(line: str, path: str, message: str) -> None:
    ((where, said),) = messages(document(line)).items()
    assert where == f"spec.routes[0].{path}"
    assert message in said


GROUP = "  groups: [{name: checkout, stage: %s, canary: {weight: 5, hashOn: [client]}}]\n"


@pytest.mark.parametrize("field", ["stage: legacy", "canary: {weight: 5}"])
def test_a_route_has_a_group_or_says_it_itself(field: str) -> None:
    line = f"{{name: a, group: checkout, {field}, backendRefs: {{legacy: old, candidate: new}}}}"
    ((where, said),) = messages(document(line, spec=GROUP % "legacy")).items()
    assert where == f"spec.routes[0].{field.partition(':')[0]}"
    assert said == "its group checkout says this for it: leave out one of the two"


@pytest.mark.parametrize("stage", ["shadow", "canary", "reverse-shadow", "candidate"])
def test_the_stage_of_a_group_needs_a_candidate_in_each_of_its_routes(stage: str) -> None:
    lines = [
        "{name: a, group: checkout, backendRefs: {legacy: old, candidate: new}}",
        "{name: b, group: checkout, backendRefs: {legacy: old}}",
    ]
    ((where, said),) = messages(document(*lines, spec=GROUP % stage)).items()
    assert where == "spec.routes[1].group"
    assert f"stage {stage} needs" in said


def test_a_group_is_called_like_no_other_group_and_no_route() -> None:
    line = "{name: a, group: g, backendRefs: {legacy: old}}"
    spec = "  groups: [{name: g, stage: legacy}, {name: g, stage: legacy}, {name: a, stage: legacy}]\n"
    found = messages(document(line, spec=spec))
    assert found["spec.groups[1].name"] == '"g" is also the name of groups[0]'
    assert "also the name of a route" in found["spec.groups[2].name"]


def test_the_defaults_name_what_is_there() -> None:
    found = messages(document(spec="  defaults: {shadow: {candidate: nope, legacy: old}}\n"))
    assert list(found) == ["spec.defaults.shadow.candidate"]
    line = "{name: a, stage: shadow, backendRefs: {legacy: old}}"
    assert messages(document(line, spec="  defaults: {shadow: {candidate: new}}\n")) == {}


@pytest.mark.parametrize(
    ("fields", "path", "message"),
    [
        ("urls: ['http://a/x', 'https://b/x']", "urls[1]", "the scheme and the path of the first"),
        ("urls: ['http://a/x', 'http://b/y']", "urls[1]", "the scheme and the path of the first"),
        ("urls: ['http://a', 'http://a:80/']", "urls[1]", "twice"),
        ("urls: ['http://a/b//c']", "urls[0]", "several ways"),
        ("url: 'http://a', healthCheck: {path: healthz}", "healthCheck.path", "like /healthz"),
    ],
)
def test_several_addresses_and_health_checks(fields: str, path: str, message: str) -> None:
    text = document(backends=f"\n    - {{name: old, {fields}}}\n    - {{name: new, url: 'http://b'}}")
    value = read(text, {}).value
    (problem,) = checks.problems(draft.whole(RouteTableSpec.model_validate(value), value))
    assert written(problem.path) == f"spec.backends[0].{path}"
    assert message in problem.message


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
