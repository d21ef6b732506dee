"""Which route or group is meant, and what of it can be edited."""

from typing import Any

import pytest

from proxy.config.edit_find import EditRefused, Kind, Places, find_subject
from proxy.config.nodes import compose
from proxy.config.yaml_reader import read
from proxy.messages import Stage
from proxy.routing.standing import Standing

TEXT = """\
spec:
  groups: [{name: g, stage: canary, canary: {weight: 7}}]
  routes:
    - {name: a, stage: shadow, canary: {weight: 5}}
    - {name: b, group: g}
    - {name: c, stage: legacy, canary: }
    - &d {name: d, stage: !!str legacy}
    - name: e
      stage: |-
        legacy
"""


def value() -> Any:
    return read(TEXT, {}).value


def places(name: str, text: str = TEXT) -> Places:
    return Places(compose(text), find_subject(read(text, {}).value, name))


def test_a_route_and_a_group_with_where_they_stand() -> None:
    route, group = find_subject(value(), "a"), find_subject(value(), "g")
    assert (route.kind, route.path, route.weight, route.standing) == (
        Kind.ROUTE,
        ("spec", "routes", 0),
        5.0,
        Standing(Stage.SHADOW),
    )
    assert (group.kind, group.path, group.standing) == (Kind.GROUP, ("spec", "groups", 0), Standing(Stage.CANARY, 7.0))
    assert find_subject(value(), "c").weight is None


def test_names() -> None:
    with pytest.raises(EditRefused, match="route b belongs to group g, and a group flips as one: flip g"):
        find_subject(value(), "b")
    with pytest.raises(EditRefused, match="no route or group is called zzz; there is a, b, c, d, e, g"):
        find_subject(value(), "zzz")


def test_a_group_may_be_called_as_its_route_is_and_nobody_elses() -> None:
    found = value()
    found["spec"]["routes"][1]["name"] = "g"
    assert find_subject(found, "g").kind is Kind.GROUP
    del found["spec"]["routes"][1]["group"]
    with pytest.raises(EditRefused, match="both a route and a group are called g"):
        find_subject(found, "g")


def test_the_places() -> None:
    found = places("a")
    key, stage = found.stage()
    assert (key.value, found.plain(stage, "stage").value) == ("stage", "shadow")
    canary = found.canary()
    assert canary is not None
    assert canary.flow
    assert places("d").canary() is None


def test_what_is_edited_by_hand() -> None:
    with pytest.raises(EditRefused, match="line 6: canary of route c is empty"):
        places("c").canary()
    with pytest.raises(EditRefused, match="line 7: stage of route d is written with an anchor or a tag"):
        places("d").plain(places("d").stage()[1], "stage")
    with pytest.raises(EditRefused, match="line 9: stage of route e is written as a block"):
        places("e").plain(places("e").stage()[1], "stage")


def test_a_route_that_comes_from_an_alias_or_is_one() -> None:
    used = TEXT.replace("name: e\n", "name: e\n      owner: *d\n")
    with pytest.raises(EditRefused, match="line 7: the place of route d is &d, which is used elsewhere too"):
        places("d", used)
    alias = TEXT.replace("    - {name: a", "    - *a\n    - {name: z").replace(
        "spec:\n", "x: &a {name: a, stage: legacy}\nspec:\n"
    )
    with pytest.raises(EditRefused, match=r"line 5: the place of route a comes from \*a: edit by hand what &a names"):
        places("a", alias)


def test_long_scalars_are_known() -> None:
    assert [node.value for node in places("a").long] == ["legacy"]
