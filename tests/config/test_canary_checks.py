"""What is wrong with a canary beyond its schema."""

import pytest

from tests.config.documents import document, messages, route

GROUPED = "{name: a, group: g, backendRefs: {legacy: old, candidate: new}}"


@pytest.mark.parametrize(
    ("stage", "fields", "path", "message"),
    [
        ("canary", "", "canary", "required in stage canary: say its weight"),
        ("canary", "canary: {weight: 5}", "canary.hashOn", "what a caller's key is, or random"),
        ("legacy", "canary: {weight: 5, hashOn: ['body:$.a']}", "canary.hashOn[0]", "not read before"),
        ("legacy", "canary: {weight: 5, hashOn: ['header:a b']}", "canary.hashOn[0]", "must name a header"),
        ("legacy", "canary: {weight: 5, hashOn: [client, 'query:a']}", "canary.hashOn[1]", "client before it"),
        ("legacy", "canary: {weight: 5, hashOn: ['path:id']}", "canary.hashOn[0]", "no PathTemplate of this route"),
        ("legacy", "canary: {weight: 101}", "canary.weight", "less than or equal to 100"),
        ("legacy", "canary: {hashOn: [client]}", "canary.weight", "required"),
        ("legacy", "canary: {weight: 5, hashOn: ['heeder:a']}", "canary.hashOn[0]", "has a form that is not allowed"),
    ],
)
def test_a_routes(stage: str, fields: str, path: str, message: str) -> None:
    ((where, said),) = messages(document(route("a", fields, stage=stage))).items()
    assert where == f"spec.routes[0].{path}"
    assert message in said


@pytest.mark.parametrize(
    ("stage", "canary", "path", "message"),
    [
        ("canary", "", "canary", "required in stage canary"),
        ("canary", ", canary: {weight: 5}", "canary.hashOn", "required in stage canary"),
        ("shadow", ", canary: {weight: 5, hashOn: ['body:$.a']}", "canary.hashOn[0]", "not read before"),
    ],
)
def test_a_groups(stage: str, canary: str, path: str, message: str) -> None:
    spec = f"  groups: [{{name: g, stage: {stage}{canary}}}]\n"
    ((where, said),) = messages(document(GROUPED, spec=spec)).items()
    assert where == f"spec.groups[0].{path}"
    assert message in said


def test_the_defaults_may_say_what_a_key_is_but_not_the_weight() -> None:
    spec = "  defaults: {canary: {hashOn: [client]}}\n"
    assert messages(document(route("a", "canary: {weight: 5}", stage="canary"), spec=spec)) == {}
    assert list(messages(document(route("a", stage="canary"), spec=spec))) == ["spec.routes[0].canary"]
    wrong = "  defaults: {canary: {hashOn: ['body:$.a']}}\n"
    assert list(messages(document(route("a"), spec=wrong))) == ["spec.defaults.canary.hashOn[0]"]


def test_a_key_in_a_path_that_no_route_has_which_shares_it() -> None:
    """Of a group and of the defaults: a typing error there would send all to legacy."""
    template = "matches: [{path: {type: PathTemplate, value: '/a/{id}'}}]"
    lines = [f"{{name: a, group: g, {template}, backendRefs: {{legacy: old, candidate: new}}}}", route("b")]
    group = "  groups: [{name: g, stage: canary, canary: {weight: 5, hashOn: ['path:%s']}}]\n"
    defaults = "  defaults: {canary: {hashOn: ['path:%s']}}\n"
    for spec, path in ((group, "spec.groups[0]"), (defaults, "spec.defaults")):
        assert not [key for key in messages(document(*lines, spec=spec % "id")) if "hashOn" in key]
        found = messages(document(*lines, spec=spec % "ib"))
        assert found[f"{path}.canary.hashOn[0]"].endswith("has {ib}")


def test_a_key_in_the_path_of_a_template_is_right() -> None:
    template = "matches: [{}, {path: {type: PathTemplate, value: '/a/{id}'}}]"
    line = route("a", f"{template}, canary: {{weight: 5, hashOn: ['path:id']}}", stage="canary")
    assert list(messages(document(line))) == ["spec.routes[0].matches[0].path"]  # a warning: it has no {id}
