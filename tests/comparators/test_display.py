"""Values as bounded text."""

from decimal import Decimal

import pytest

from comparators.display import LIMIT, as_json, bounded, displayed
from comparators.document import Repeated


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (10**30, "1" + "0" * 30),
        (Decimal("10.00"), "10.00"),
        (Decimal("1E+400"), "1E+400"),
        ("é\n", '"é\\n"'),
        ({"a": [1, Decimal("2.50")]}, '{"a":[1,2.50]}'),
        (Repeated([1, 2]), "[1,2]"),
        ("\ud800", '"\\ud800"'),
        ({"\ud800": Decimal("1.0")}, '{"\\ud800": "1.0"}'),
    ],
)
def test_as_json(value: object, text: str) -> None:
    assert as_json(value) == text
    assert text.encode()


def test_what_is_nested_too_deeply_is_not_shown() -> None:
    value: list[object] = ["\ud800"]
    plain: list[object] = []
    for _ in range(500_000):
        value, plain = [value], [plain]
    assert as_json(value) == as_json(plain) == "… nested too deeply to be shown …"


def test_short_values_are_shown_whole() -> None:
    assert displayed("a" * (LIMIT - 2), 1) == ('"' + "a" * (LIMIT - 2) + '"', "1")


def test_a_cut_shows_the_first_difference() -> None:
    legacy, candidate = displayed("a" * 5000 + "x" + "b" * 5000, "a" * 5000 + "y" + "b" * 5000)
    assert len(legacy) == len(candidate) == LIMIT
    assert legacy[0] == legacy[-1] == candidate[0] == candidate[-1] == "…"
    assert [pair for pair in zip(legacy, candidate, strict=True) if pair[0] != pair[1]] == [("x", "y")]


def test_a_cut_at_the_end_only() -> None:
    legacy, candidate = bounded("x" + "b" * 5000, "y")
    assert legacy.startswith("xb")
    assert legacy.endswith("b…")
    assert candidate == "y"


def test_a_difference_behind_the_end_of_the_shorter_text() -> None:
    legacy, candidate = bounded("a" * 1000, "a" * 1000 + "b")
    assert (legacy, candidate) == ("…" + "a" * 32, "…" + "a" * 32 + "b")


@pytest.mark.parametrize("before", range(LIMIT - 24, LIMIT + 2))
@pytest.mark.parametrize("number", ["4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111"])
def test_no_part_of_a_card_number_survives_a_cut(number: str, before: int) -> None:
    text = "x" * before + number + "y" * 500
    shown, _ = bounded(text, "")
    assert number in shown or not set(shown) & set("0123456789")
    _, tail = bounded("z" * 2000, "z" * 600 + number + "y" * (before - 200) + "q" * 500)
    assert number in tail or not set(tail) & set("0123456789")


@pytest.mark.parametrize("between", range(40))
def test_no_part_of_a_card_number_survives_a_cut_at_the_start(between: int) -> None:
    same = "z" * 600 + "4111 1111 1111 1111" + "q" * between
    for shown in bounded(same + "x", same + "y"):
        assert "4111 1111 1111 1111" in shown or not set(shown) & set("0123456789")


def test_a_value_of_digits_alone_is_described() -> None:
    assert displayed(Decimal("9" * 5000), 1) == ("… 5000 characters …", "1")
