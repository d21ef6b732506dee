"""Lines and replacements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.config.text import Lines, Splice, spliced


def test_replacements_at_their_places_and_the_rest_as_it_was() -> None:
    assert spliced("abcdef", [Splice(4, 5, "E"), Splice(0, 1, "A"), Splice(2, 2, "+")]) == "Ab+cdEf"
    assert spliced("ab", [Splice(0, 1, "x"), Splice(1, 1, "y"), Splice(1, 1, "z")]) == "xyzb"


def test_replacements_that_overlap_are_our_mistake() -> None:
    with pytest.raises(ValueError, match="overlap"):
        spliced("abc", [Splice(0, 2, ""), Splice(1, 3, "")])


def test_lines_and_their_breaks() -> None:
    lines = Lines("one\r\ntwo\nthree")
    assert [lines.text(number) for number in range(3)] == ["one", "two", "three"]
    assert [lines.at(index) for index in (0, 4, 5, 8, 9, 14)] == [0, 0, 1, 1, 2, 2]
    assert (lines.start(1), lines.end(1)) == (5, 8)
    assert [lines.break_after(number) for number in range(3)] == ["\r\n", "\n", "\r\n"]
    assert Lines("x").break_after(0) == "\n"


@given(st.text(alphabet="ab\r\n\x85\u2028 "))
def test_each_character_is_in_the_line_that_is_said(text: str) -> None:
    lines = Lines(text)
    for index in range(len(text)):
        line = lines.at(index)
        assert lines.start(line) <= index < lines.end(line) + len(lines.break_after(line))
