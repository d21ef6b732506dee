"""Paths: what is read, what is refused and where, and that what is written can be read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparators.paths import MAX_NAME, MAX_PATH, PathError, Place, Segment, parse_path, pattern_of, written


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("$", []),
        ("$.a", [Segment("a", False)]),
        ("$.a.b_1", [Segment("a", False), Segment("b_1", False)]),
        ("$['a']", [Segment("a", False)]),
        ('$["a b"]', [Segment("a b", False)]),
        (r"$['it\'s']", [Segment("it's", False)]),
        (r"""$['say "hi"']""", [Segment('say "hi"', False)]),
        (r"$['\u00e9\\\n']", [Segment("é\\\n", False)]),
        ("$['']", [Segment("", False)]),
        ("$.é", [Segment("é", False)]),
        ("$[0][12]", [Segment(0, False), Segment(12, False)]),
        ("$['0']", [Segment("0", False)]),
        ("$[*]", [Segment(None, False)]),
        ("$.*", [Segment(None, False)]),
        ("$..a", [Segment("a", True)]),
        ("$..[3]", [Segment(3, True)]),
        ("$..[*]", [Segment(None, True)]),
        ("$..*", [Segment(None, True)]),
        ("$..['a b'].c", [Segment("a b", True), Segment("c", False)]),
        ("$[ 'a' ]", [Segment("a", False)]),
    ],
)
def test_what_is_read(text: str, segments: list[Segment]) -> None:
    assert list(parse_path(text)) == segments


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("a.b", 0),
        (" $.a", 0),
        ("$.", 1),
        ("$..", 1),
        ("$.a.", 3),
        ("$.a ", 3),
        ("$.1a", 1),
        ("$.card-number", 6),
        ("$[-1]", 1),
        ("$[01]", 1),
        ("$[99999999999999999]", 1),
        ("$[?@.a]", 1),
        ("$[0:2]", 1),
        ("$['a','b']", 1),
        ("$['a", 1),
        ("$[a]", 1),
        ("$...a", 1),
        ("$.a[*", 3),
        (r"$['\x']", 1),
        (r"$['\ud800']", 1),
    ],
)
def test_what_is_refused_and_where(text: str, offset: int) -> None:
    with pytest.raises(PathError) as refused:
        parse_path(text)
    assert (refused.value.path, refused.value.offset) == (text, offset)
    assert f"offset {offset}" in str(refused.value)
    assert "[*]" in str(refused.value)


@pytest.mark.parametrize(
    ("place", "path"),
    [
        (None, "$"),
        ((((None, "lines"), 3), "amount"), "$.lines[3].amount"),
        ((None, "unit price"), "$['unit price']"),
        ((None, "it's \\"), r"$['it\'s \\']"),
        ((None, "a\nb\ud800"), r"$['a\u000ab\ud800']"),
        ((None, "é"), "$['é']"),
        ((None, ""), "$['']"),
    ],
)
def test_what_is_written(place: Place, path: str) -> None:
    assert written(place) == path


@given(st.lists(st.text(max_size=8) | st.integers(0, 99), max_size=5))
def test_what_is_written_can_be_read(steps: list[str | int]) -> None:
    place: Place = None
    for step in steps:
        place = (place, step)
    assert [segment.selector for segment in parse_path(written(place))] == steps


def test_long_names_and_paths_are_cut() -> None:
    assert written((None, "n" * 5000)) == "$['" + "n" * 99 + "…']"
    place: Place = None
    for _ in range(200):
        place = (place, "n" * 50)
    assert len(written(place)) == MAX_PATH
    assert written(place).endswith("…")


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("$.lines[3].tax[0].due", "$.lines[*].tax[*].due"),
        ("$['a[3]'][4]", "$['a[3]'][*]"),
        (r"$['it\'s[1]'][2]", r"$['it\'s[1]'][*]"),
        ("status", "status"),
        ("header:location", "header:location"),
        ("body.lines[17]", "body.lines[*]"),
    ],
)
def test_patterns(path: str, pattern: str) -> None:
    assert pattern_of(path) == pattern


def test_a_name_is_never_cut_inside_a_run_of_digits() -> None:
    name = "a" * (MAX_NAME - 10) + "4111 1111 1111 1111"
    assert written((None, name)) == f"$['{'a' * (MAX_NAME - 10)}…']"
    assert "1" not in written(((None, "b" * 97), "c" * 97 + "4111111111111111"))
