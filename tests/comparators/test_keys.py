"""Keys are equal exactly if values are."""

from decimal import Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparators.arrangement import same
from comparators.document import Json, Repeated
from comparators.keys import Effort, Exhausted, Keys, count
from comparators.policy import Node
from comparators.rules import IgnoreRule, Rule, TwinRule, UnorderedRule
from comparators.twins import UNBOUND
from tests.comparators.support import DOCUMENTS, policy_of


def key(value: Json, *rules: Rule) -> object:
    return Keys(Effort(1000), lambda _: UNBOUND).one(value, policy_of(*rules).root)


@given(DOCUMENTS, DOCUMENTS)
def test_keys_are_equal_exactly_if_values_are(one: Json, other: Json) -> None:
    assert (key(one) == key(other)) is same(one, other)
    assert key(one) == key(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, "1"),
        ([1], 1),
        ([], {}),
        ([1, 1], [1]),
        ([1, 2], [2, 1]),
        (None, "null"),
        (Repeated((1, 2)), [1, 2]),
        ({"a": None}, {}),
    ],
)
def test_what_is_not_equal(one: Json, other: Json) -> None:
    assert key(one) != key(other)


def test_numbers_by_value() -> None:
    assert key(1) == key(Decimal("1.00"))


@given(st.integers() | st.decimals(allow_nan=False, allow_infinity=False), st.integers(0, 30))
def test_a_number_has_one_key_however_it_is_spelled(number: int | Decimal, zeros: int) -> None:
    exact = Decimal(number)
    spelled = Decimal(exact.as_tuple()._replace(digits=(*exact.as_tuple().digits, *[0] * zeros)))
    assert key(number) == key(exact)
    assert key(spelled.scaleb(-zeros, Context(prec=999))) == key(number)


def test_numbers_that_somebody_chose_have_hashes_of_their_own() -> None:
    prime = 2**61 - 1
    chosen = [prime * factor for factor in range(2, 99)]
    assert len({hash(number) for number in chosen}) == 1
    assert len({hash(key(number)) for number in chosen}) == len(chosen)
    assert len({hash(key(Decimal(number))) for number in chosen}) == len(chosen)
    assert key(Decimal("1e999999999")) != key(Decimal("1e-999999999")) != key(0)


def test_counts_values() -> None:
    assert [count(value) for value in (None, [], [1, {"a": [2]}], Repeated((1, 2)))] == [1, 1, 5, 3]


def test_what_rules_leave_out() -> None:
    assert key({"a": 1, "b": 2}, IgnoreRule("$.b")) == key({"a": 1}, IgnoreRule("$.b"))
    assert key({"id": "x"}, TwinRule("$.id")) == key({"id": "y"}, TwinRule("$.id"))
    assert key({"id": None}, TwinRule("$.id")) != key({"id": "y"}, TwinRule("$.id"))
    assert key({"l": [1, 2]}, UnorderedRule("$.l")) == key({"l": [2, 1]}, UnorderedRule("$.l"))
    assert key({"l": [1, 1]}, UnorderedRule("$.l")) != key({"l": [1]}, UnorderedRule("$.l"))


def test_rules_of_one_index() -> None:
    rule = IgnoreRule("$[0].a")
    assert key([{"a": 1}, {"a": 1}], rule) == key([{"a": 2}, {"a": 1}], rule)
    assert key([{"a": 1}, {"a": 1}], rule) != key([{"a": 1}, {"a": 2}], rule)


def test_the_effort_is_bounded() -> None:
    keys = Keys(Effort(3), lambda value: value)
    root: Node = policy_of().root
    keys.one([1, 2], root)
    with pytest.raises(Exhausted):
        keys.one(1, root)
