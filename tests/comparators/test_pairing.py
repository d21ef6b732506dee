"""Elements find their partners; each has one at most."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparators import pairing
from comparators.document import Json
from comparators.keys import Exhausted, count
from comparators.pairing import Pair, Pairer, identical
from comparators.policy import Node
from comparators.rules import IgnoreRule, Rule, TwinRule, UnorderedRule
from comparators.twins import Twins
from tests.comparators.support import DOCUMENTS, policy_of


def pairs(legacy: list[Json], candidate: list[Json], *rules: Rule, key: str | None = None) -> list[Pair]:
    policy = policy_of(UnorderedRule("$", key), *rules)
    return Pairer(Twins(), policy.has_twins, apart).pairs(legacy, candidate, policy.root)


ROOT = policy_of().root


def apart(legacy: Json, candidate: Json, _: Node) -> int:
    """Numbers one apart don't count."""
    if isinstance(legacy, int) and isinstance(candidate, int):
        return max(0, abs(legacy - candidate) - 1)
    return 1


@given(st.lists(DOCUMENTS, max_size=5), st.randoms())
def test_a_shuffled_list_is_paired_with_itself(values: list[Json], random: object) -> None:
    shuffled = values.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert all(
        ours is not None and theirs is not None and values[ours] == shuffled[theirs]
        for ours, theirs in pairs(values, shuffled)
    )


@given(st.lists(st.integers(0, 5), max_size=9), st.lists(st.integers(0, 5), max_size=9))
def test_each_element_is_in_one_pair(legacy: list[Json], candidate: list[Json]) -> None:
    found = pairs(legacy, candidate)
    assert sorted(ours for ours, _ in found if ours is not None) == [*range(len(legacy))]
    assert sorted(theirs for _, theirs in found if theirs is not None) == [*range(len(candidate))]
    assert all((one is None) + (other is None) <= 1 for one, other in found)
    equal = sum((Counter(legacy) & Counter(candidate)).values())
    assert sum(apart(legacy[i], candidate[j], ROOT) == 0 for i, j in found if i is not None and j is not None) >= equal


@pytest.mark.parametrize(
    ("legacy", "candidate", "expected"),
    [
        (["charge", "charge"], ["charge"], [(0, 0), (1, None)]),
        (["charge"], ["charge", "charge"], [(0, 0), (None, 1)]),
        ([1, 10], [11, 2], [(0, 1), (1, 0)]),
        ([1, 2], [3, 1], [(0, 1), (1, 0)]),
        ([], ["a"], [(None, 0)]),
        ([], [], []),
    ],
)
def test_pairs_by_what_they_hold(legacy: list[Json], candidate: list[Json], expected: list[Pair]) -> None:
    assert pairs(legacy, candidate) == expected


def test_as_many_pairs_without_a_difference_as_can_be() -> None:
    assert pairs([10, 11], [12, 9]) == [(0, 1), (1, 0)]
    assert pairs([11, 10], [9, 12]) == [(0, 1), (1, 0)]
    assert pairs([2, 4, 6], [5, 3, 1]) == [(0, 2), (1, 1), (2, 0)]


def test_pairs_by_a_key_and_within_one_by_what_they_hold() -> None:
    legacy: list[Json] = [{"k": 1, "v": "a"}, {"k": 1, "v": "b"}, {"k": "1"}, {"v": "none"}]
    candidate: list[Json] = [{"v": "none"}, {"k": "1"}, {"k": 1, "v": "b"}, {"k": 1, "v": "c"}, {"k": 2}]
    assert pairs(legacy, candidate, key="k") == [(0, 3), (1, 2), (2, 1), (3, 0), (None, 4)]


def test_a_key_may_be_a_way_down() -> None:
    legacy: list[Json] = [{"a": {"k": 1}}, {"a": {"k": 2}}]
    assert pairs(legacy, legacy[::-1], key="@.a.k") == [(0, 1), (1, 0)]


def test_ignored_members_do_not_tell_elements_apart() -> None:
    legacy: list[Json] = [{"id": 1, "v": "a"}, {"id": 2, "v": "b"}]
    candidate: list[Json] = [{"id": 3, "v": "b"}, {"id": 4, "v": "a"}]
    assert pairs(legacy, candidate, IgnoreRule("$[*].id")) == [(0, 1), (1, 0)]
    assert pairs(legacy, candidate, IgnoreRule("$[*].id"), key="id") == [(0, 1), (1, 0)]


def test_elements_with_twins_are_paired_so_that_counts_agree() -> None:
    assert pairs(["A", "B", "A", "B", "B"], ["y", "x", "y", "x", "y"], TwinRule("$[*]")) == [
        (0, 1),
        (1, 0),
        (2, 3),
        (3, 2),
        (4, 4),
    ]


def test_more_than_may_be_tried_is_paired_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "TRIALS", 3)
    assert pairs([1, 10], [11, 2]) == [(0, 0), (1, 1)]


def test_elements_are_tried_within_one_effort_and_not_within_a_trial() -> None:
    def nested(side: str, levels: int) -> Json:
        return {"items": [nested(f"{side}{place}", levels - 1) for place in range(4)]} if levels else {"v": side}

    trials = 0

    def trial(legacy: Json, candidate: Json, node: Node) -> int:
        nonlocal trials
        trials += 1
        assert isinstance(legacy, dict)
        assert isinstance(candidate, dict)
        ours, theirs = legacy.get("items"), candidate.get("items")
        if isinstance(ours, list) and isinstance(theirs, list):
            pairer.pairs(ours, theirs, node.names["items"])
        return 1

    policy = policy_of(UnorderedRule("$..items"))
    pairer = Pairer(Twins(), False, trial)
    ours, theirs = [nested(f"a{place}", 4) for place in range(9)], [nested(f"b{place}", 4) for place in range(9)]
    found = pairer.pairs(ours, theirs, policy.root.names["items"])
    assert [one for one, _ in found] == [*range(9)]
    assert trials == pairing.TRIED // (2 * count(ours[0]))
    pairer.pairs(ours, theirs, policy.root.names["items"])
    assert trials == pairing.TRIED // (2 * count(ours[0]))


def test_the_effort_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "EFFORT", 3)
    with pytest.raises(Exhausted):
        pairs([1, 2], [2, 1])


@given(st.lists(st.integers(0, 5), max_size=9), st.lists(st.integers(0, 5), max_size=9))
def test_elements_that_are_the_same_to_the_byte(legacy: list[Json], candidate: list[Json]) -> None:
    found = identical(legacy, candidate)
    assert all(legacy[one] == candidate[other] for one, other in found.items())
    assert len({*found.values()}) == len(found) == sum((Counter(legacy) & Counter(candidate)).values())
    assert all(
        found[place] == place for place in range(min(len(legacy), len(candidate))) if legacy[place] == candidate[place]
    )
