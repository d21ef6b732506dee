"""As much of a document as can be read."""

from typing import Any

from proxy.config.draft import salvaged

BACKEND = {"name": "old", "url": "http://127.0.0.1:1"}
ROUTE: dict[str, Any] = {"name": "a", "stage": "legacy", "backendRefs": {"legacy": "old"}}


def _value(**parts: Any) -> dict[str, Any]:
    return {"spec": {"backends": [BACKEND], "routes": [ROUTE], **parts}}


def test_a_wrong_field_is_left_out_and_the_rest_of_its_part_stays() -> None:
    value = _value(routes=[{**ROUTE, "owner": 5}, ROUTE])
    draft = salvaged(value, [("spec", "routes", 0, "owner")])
    assert [(place, route.name) for place, route in draft.routes] == [(0, "a"), (1, "a")]
    assert value["spec"]["routes"][0]["owner"] == 5


def test_a_required_field_that_is_wrong_takes_the_nearest_optional_one_with_it() -> None:
    header = {"name": "a b", "value": "x"}
    match = {"path": {"value": "/x"}, "headers": [header]}
    path = ("spec", "routes", 0, "matches", 0, "headers", 0, "name")
    draft = salvaged(_value(routes=[{**ROUTE, "matches": [match]}]), [path])
    assert draft.routes[0][1].matches[0].headers == []
    assert draft.routes[0][1].matches[0].path.value == "/x"


def test_groups_are_saved_and_named_too() -> None:
    groups = [{"name": "g", "stage": "legacy", "canary": {"weight": "x"}}, {"name": "h"}]
    draft = salvaged(_value(groups=groups), [("spec", "groups", 0, "canary", "weight")])
    assert [(place, group.name) for place, group in draft.groups] == [(0, "g")]
    assert draft.names["groups"] == ((0, "g"), (1, "h"))


def test_listeners_are_saved_too() -> None:
    tls = {"certificate": "a", "key": "b", "clientCA": 5}
    wrong = ("spec", "listeners", 1, "tls", "clientCA")
    ((place, listener),) = salvaged(_value(listeners=[{"port": "x"}, {"port": 1, "tls": tls}]), [wrong]).listeners
    assert (place, listener.tls and listener.tls.key) == (1, "b")


def test_a_part_that_cannot_be_saved_is_left_out_and_its_name_is_still_known() -> None:
    draft = salvaged(_value(backends=[{"name": "old", "url": 5, "effects": []}, "x", {"name": 5}]), [])
    assert draft.names["backends"] == ((0, "old"),)


def test_nothing_to_save_is_no_problem() -> None:
    values: list[Any] = [None, 5, [], {}, {"spec": 5}, {"spec": {"routes": 5, "defaults": 5}}]
    for value in values:
        draft = salvaged(value, [("spec", "routes", 0)])
        assert draft.routes == ()


def test_a_rule_that_cannot_be_read_keeps_its_place_and_the_others_stay() -> None:
    rules = [{"path": "$.a[1:2]", "type": "Ignore"}, {"path": "$.b", "type": "Decimal", "tolerance": "NaN"}, 5]
    path = ("spec", "comparePolicies", 0, "rules", 1, "tolerance")
    ((place, policy),) = salvaged(_value(comparePolicies=[{"name": "p", "rules": rules}]), [path]).policies
    assert place == 0
    assert [(rule.type, rule.path) for rule in policy.rules] == [
        ("Ignore", "$.a[1:2]"),
        ("Ignore", "$"),
        ("Ignore", "$"),
    ]
