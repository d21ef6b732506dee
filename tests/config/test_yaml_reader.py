"""Text to values with their places; everything that is not plain YAML 1.2 is a fault with a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.config.yaml_reader import Document, Place, read


def _faults(document: Document) -> list[tuple[int, int, str]]:
    return [(fault.place.line, fault.place.column, fault.message) for fault in document.faults]


def test_each_value_and_key_has_its_place() -> None:
    document = read("a:\n  - b: 1\n    c: [x, 'y']\n", {})
    assert document.value == {"a": [{"b": 1, "c": ["x", "y"]}]}
    assert document.place(("a", 0, "b")) == Place(2, 8)
    assert document.key(("a", 0, "c")) == Place(3, 5)
    assert document.place(("a", 0, "c", 1)) == Place(3, 12)


def test_a_place_that_is_not_there_is_that_of_what_would_hold_it() -> None:
    document = read("a:\n  b: {}\n", {})
    assert document.place(("a", "b", "c", 0)) == Place(2, 6)
    assert document.key(("a", "none")) == Place(2, 3)


def test_a_duplicate_key_names_both_lines_and_the_first_value_stays() -> None:
    document = read("a: 1\nb: 2\na: 3\n", {})
    assert document.value == {"a": 1, "b": 2}
    assert _faults(document) == [(3, 1, 'duplicate key "a", first at line 1')]


def test_a_plain_variable_has_the_type_of_its_value_and_a_quoted_one_is_text() -> None:
    document = read("a: ${P}\nb: '${P}'\nc: ${E}\n", {"P": "80", "E": ""})
    assert document.value == {"a": 80, "b": "80", "c": ""}
    assert document.variables["a",] == ("80", "${P}")


def test_a_variable_adds_no_structure() -> None:
    assert read("a: ${X}\n", {"X": "1\nb: {c: d}"}).value == {"a": "1\nb: {c: d}"}


def test_every_variable_that_is_not_set_is_found() -> None:
    faults = _faults(read('a: ${X}\nb: "${Y}"\n# ${Z}\n', {}))
    assert [fault[:2] for fault in faults] == [(1, 4), (2, 4)]


def test_aliases_repeat_what_their_anchor_names() -> None:
    document = read("a: &x {b: [1, &y 2]}\nc: *x\nd: *y\n", {})
    assert document.value == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": 2}
    assert document.faults == []


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: &x [*x]\n", (1, 8), "names nothing that was finished before it"),
        ("a: *x\n", (1, 4), "names nothing"),
        ("- &a 1\n" + "- *a\n" * 101, (102, 3), "more than 100 aliases"),
        ("a: 1\n---\nb: 1\n", (2, 1), "a second document"),
        ("a: {<<: {b: 1}}\n", (1, 5), "merge keys"),
        ("? [a]\n: 1\n", (1, 3), "a key is a plain string"),
        ("a: [1\n", (2, 1), "not YAML"),
        ("a:\n\tb: 1\n", (2, 1), "indent with spaces, not tabs"),
        ("a: {b: ${X}}\n", (1, 9), 'quote a variable: "${NAME}"'),
        ("a: \x07\n", (1, 4), "control characters"),
        ("a: \ud800\n", (1, 4), "not Unicode"),
        ("[" * 100_000, (1, 34), "nested deeper than 32"),
        ("#" * (4 * 1024 * 1024 + 1), (1, 1), "larger than"),
    ],
)
def test_what_is_not_plain_yaml_ends_the_reading(text: str, place: tuple[int, int], message: str) -> None:
    document = read(text, {})
    assert document.value is None
    ((line, column, said),) = _faults(document)
    assert (line, column) == place
    assert message in said


def test_a_bomb_of_aliases_is_bounded() -> None:
    lines = ["a0: &a0 [" + ",".join("x" * 1000) + "]"]
    lines += [f"a{n}: &a{n} [" + ",".join([f"*a{n - 1}"] * 9) + "]" for n in range(1, 12)]
    assert "more than 100 aliases" in _faults(read("\n".join(lines), {}))[0][2]


@pytest.mark.parametrize("tag", ["!!python/object:os.system", "!mine", "!!binary", "!!timestamp", "!!int"])
def test_a_tag_builds_nothing(tag: str) -> None:
    document = read(f"a: {tag} x\n", {})
    assert document.value == {"a": None}
    assert len(document.faults) == 1


def test_a_tag_of_the_core_schema_is_understood() -> None:
    assert read("[!!str 1, !!int 2, !!float 3, !!bool true, !!null ~, ! 4]", {}).value == ["1", 2, 3, True, None, "4"]


def test_a_tag_on_a_collection_is_refused() -> None:
    assert len(read("a: !mine [1]\nb: !!set {x}\n", {}).faults) == 2


def test_an_empty_text_is_nothing_without_a_fault() -> None:
    assert read("# only a comment\n", {}) == Document()


@given(st.text(max_size=60) | st.text(alphabet="ab:-[]{},&*!|>'\"#\n ${}?%@`", max_size=60))
def test_reading_never_raises(text: str) -> None:
    document = read(text, {"a": "b"})
    assert all(fault.place.line >= 1 and fault.place.column >= 1 for fault in document.faults)
