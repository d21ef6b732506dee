"""Rearranged lists are recognised, and counts matter."""

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparators import arrangement
from comparators.arrangement import Arranger, same
from comparators.differences import Kind
from comparators.document import Json, Repeated
from comparators.rules import IgnoreRule
from comparators.twins import Twins
from tests.comparators.support import DOCUMENTS, policy_of

NO_RULES = policy_of().root


@given(st.lists(DOCUMENTS, max_size=5), st.randoms())
def test_a_shuffled_list_is_only_rearranged(values: list[Json], random: Random) -> None:
    shuffled = values.copy()
    random.shuffle(shuffled)
    assert Arranger(Twins()).only(values, shuffled, NO_RULES) is Kind.ORDER


@given(st.lists(DOCUMENTS, min_size=1, max_size=5), st.data())
def test_a_list_without_an_element_only_lost_it(values: list[Json], data: st.DataObject) -> None:
    lost = data.draw(st.integers(0, len(values) - 1))
    kept = values[:lost] + values[lost + 1 :]
    assert Arranger(Twins()).only(values, kept, NO_RULES) is Kind.LENGTH
    assert Arranger(Twins()).only(kept, values, NO_RULES) is Kind.LENGTH


@pytest.mark.parametrize(
    ("legacy", "candidate"),
    [
        (["a", "a", "b"], ["a", "b", "b"]),
        ([1, 2, 3], [3, 1]),
        ([True, 0], [0, 1]),
        ([None], ["null"]),
        (["1"], [1]),
        ([["x"]], ["x"]),
        ([{}], [[]]),
        ([[]], [{}]),
        ([[1]], [True]),
        ([Repeated([1, 2]), 0], [0, [1, 2]]),
        ([{"a": None}], [{}]),
    ],
)
def test_what_is_more_than_rearranged(legacy: list[Json], candidate: list[Json]) -> None:
    assert Arranger(Twins()).only(legacy, candidate, NO_RULES) is None


def test_numbers_count_by_value() -> None:
    assert Arranger(Twins()).only([1, Decimal("2.0")], [2, Decimal("1.00")], NO_RULES) is Kind.ORDER


def test_what_a_rule_ignores_does_not_count() -> None:
    node = policy_of(IgnoreRule("$[*].id")).root
    legacy: list[Json] = [{"sku": "a", "id": 1}, {"sku": "b", "id": 2}]
    candidate: list[Json] = [{"sku": "b", "id": 7}, {"sku": "a"}]
    assert Arranger(Twins()).only(legacy, candidate, node) is Kind.ORDER
    assert Arranger(Twins()).only(legacy, candidate, NO_RULES) is None


def test_too_much_work_is_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrangement, "EFFORT", 9)
    arranger = Arranger(Twins())
    assert arranger.only([1, 2], [2, 1], NO_RULES) is Kind.ORDER
    assert arranger.only([1, 2, 3], [3, 2, 1], NO_RULES) is None
    assert arranger.only([1, 2], [2, 1], NO_RULES) is None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, Decimal("1.0"), True),
        (True, 1, False),
        (1, True, False),
        ("1", 1, False),
        ({"a": [1, {"b": None}]}, {"a": [Decimal("1.00"), {"b": None}]}, True),
        ({"a": [True]}, {"a": [1]}, False),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ({"a": 1}, {"b": 1}, False),
        ([1, 2], [1], False),
        (Repeated([1, 2]), Repeated([1, 2]), True),
        (Repeated([True]), Repeated([1]), False),
        (Repeated([1, 2]), [1, 2], False),
    ],
)
def test_same(one: Json, other: Json, expected: bool) -> None:
    assert same(one, other) is expected
