"""Two values laid alike, so that once here and twice there is a difference in length and no other."""

import pytest

from comparators.answers import Reading
from comparators.document import Json
from comparators.readable import Malformed, aligned, gathered, told


def test_names_that_come_more_than_once_are_lists() -> None:
    assert gathered([("a", "1"), ("b", "2"), ("a", "3")]) == {"a": ["1", "3"], "b": "2"}


@pytest.mark.parametrize(
    ("legacy", "candidate", "expected"),
    [
        ({"a": "1"}, {"a": ["1", "2"]}, ({"a": ["1"]}, {"a": ["1", "2"]})),
        ({"a": "1"}, {"a": {"@x": "2", "#": "1"}}, ({"a": {"#": "1"}}, {"a": {"@x": "2", "#": "1"}})),
        ({"a": ""}, {"a": {"@x": "2"}}, ({"a": {}}, {"a": {"@x": "2"}})),
        ({"a": {"b": "1"}}, {"a": [{"b": ["1"]}]}, ({"a": [{"b": "1"}]}, {"a": [{"b": ["1"]}]})),
        ({"a": {"b": "1"}}, {"a": {"b": ["1"]}}, ({"a": {"b": "1"}}, {"a": {"b": ["1"]}})),
        ({"a": "1"}, {"b": ["1"]}, ({"a": "1"}, {"b": ["1"]})),
    ],
)
def test_one_level_is_laid_alike(legacy: Json, candidate: Json, expected: tuple[Json, Json]) -> None:
    assert aligned(legacy, candidate, "#", 1) == expected
    assert aligned(candidate, legacy, "#", 1) == expected[::-1]


def test_all_levels() -> None:
    one, other = aligned({"a": {"b": "1"}}, {"a": {"b": ["1", "2"]}}, "", 9)
    assert (one, other) == ({"a": {"b": ["1"]}}, {"a": {"b": ["1", "2"]}})


def test_text_in_its_charset() -> None:
    assert told("é".encode("latin-1"), Reading("", "iso-8859-1", ())) == "é"
    with pytest.raises(Malformed, match="no text in the charset utf-8"):
        told(b"\xff", Reading("", "", ()))


def test_what_stands_in_any_element_counts_for_all() -> None:
    one, other = aligned({"t": [{"f": "a"}, {"f": ["b", "c"]}]}, {"t": [{"f": {"@x": "1"}}, {"f": "a"}]}, "#", 9)
    assert one == {"t": [{"f": [{"#": "a"}]}, {"f": [{"#": "b"}, {"#": "c"}]}]}
    assert other == {"t": [{"f": [{"@x": "1"}]}, {"f": [{"#": "a"}]}]}
