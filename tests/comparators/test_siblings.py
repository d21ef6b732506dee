"""What stands beside a value."""

import pytest

from comparators.document import Json
from comparators.paths import PathError
from comparators.siblings import Around, at, way

ORDER: Json = {"currency": "EUR", "lines": [{"amount": 1, "meta": {"currency": "JPY"}}]}
LINE = {"amount": 1, "meta": {"currency": "JPY"}}


@pytest.mark.parametrize(
    ("sibling", "found"),
    [
        ("amount", 1),
        ("currency", None),
        ("@.meta.currency", "JPY"),
        ("@['meta']", {"currency": "JPY"}),
        ("$.currency", "EUR"),
        ("$.lines[0].meta.currency", "JPY"),
        ("$.lines[1].meta", None),
        ("$.currency.x", None),
        ("$.lines.x", None),
    ],
)
def test_a_sibling_is_found_by_name_or_from_the_root(sibling: str, found: Json) -> None:
    around = Around(ORDER, {})
    around.legacy = LINE
    assert around.of_legacy(sibling) == found
    assert around.of_candidate(sibling) is None


def test_a_key_is_a_name_or_a_way() -> None:
    assert at({"a.b": 1}, way("a.b")) == 1
    assert at({"a": {"b": 1}}, way("@.a.b")) == 1


@pytest.mark.parametrize("place", ["$.a[*]", "@..a", "$[", "@a"])
def test_a_way_names_one_place(place: str) -> None:
    with pytest.raises(PathError):
        way(place)
