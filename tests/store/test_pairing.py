from collections import Counter
from dataclasses import replace

from msgspec import structs

from comparators import Difference, Kind
from proxy.store.counting import Bounds, Distinct, field_digest
from proxy.store.pairing import Paired, Side, pair
from proxy.store.record import Control, Record
from tests.store.made import NOON, record

NOISY = Difference("$.id", Kind.VALUE, '"a"', '"b"', value_class="text")
WRONG = Difference("$.amount", Kind.VALUE, "10.00", "10.01", value_class="one-unit")
EXCUSED = Difference("$.x", Kind.VALUE, "1", "2", "Ignore $.x")


def paired(*pairs: tuple[tuple[Difference, ...], tuple[Difference, ...]], bounds: Bounds | None = None) -> Paired:
    """What comes of pairs: the candidate's differences, and those of the second legacy."""
    records = [made(number, *each) for number, each in enumerate(pairs)]
    return pair(records, bounds or Bounds())


def made(number: int, candidate: tuple[Difference, ...], control: tuple[Difference, ...]) -> Record:
    return replace(record(f"x{number}", *candidate), control=Control("compared", control))


def sides(found: Paired, difference: Difference) -> Counter[Side]:
    name = field_digest(difference.pattern, difference.kind, "", difference.value_class)
    return Counter({side: number for (_, _, key, side), number in found.sides.items() if key == name})


def test_each_cause_counts_on_the_side_on_which_it_showed() -> None:
    found = paired(((NOISY,), (NOISY,)), ((NOISY, WRONG), ()), ((), (NOISY,)), ((), ()))
    assert sides(found, NOISY) == {Side.BOTH: 1, Side.CANDIDATE: 1, Side.CONTROL: 1}
    assert sides(found, WRONG) == {Side.CANDIDATE: 1}
    assert found.outcomes == {(int(NOON), "create-payment", "compared"): 4}


def test_another_class_of_values_is_another_cause() -> None:
    cent = structs.replace(NOISY, value_class="one-unit")
    found = paired(((cent,), (NOISY,)))
    assert (sides(found, cent), sides(found, NOISY)) == ({Side.CANDIDATE: 1}, {Side.CONTROL: 1})


def test_a_cause_counts_once_a_pair_and_what_a_rule_excuses_does_not() -> None:
    twice = structs.replace(WRONG, path="$.amount")
    found = paired(((WRONG, twice, EXCUSED), ()))
    assert found.sides.total() == 1


def test_without_a_comparison_only_the_outcome_counts() -> None:
    records = [replace(record("x", WRONG), control=Control("timeout")), record("y", WRONG)]
    found = pair(records, Bounds())
    assert (found.sides, found.noises) == ({}, {})
    assert list(found.outcomes) == [(int(NOON), "create-payment", "timeout")]


def test_the_latest_five_pairs_of_values_are_kept() -> None:
    found = paired(*(((), (structs.replace(NOISY, candidate=f'"{number}"'),)) for number in range(9)))
    [seen] = found.noises.values()
    assert [each.candidate for each in seen.examples] == ['"4"', '"5"', '"6"', '"7"', '"8"']
    assert seen.cause == ("$.id", "value", "text")


def test_what_is_told_apart_is_bounded_and_the_candidates_causes_are_never_lost() -> None:
    bounds = replace(Bounds(), noises=Distinct(2))
    names = [structs.replace(NOISY, path=f"$.n{number}") for number in range(10)]
    found = paired(*(((), (name,)) for name in names), ((names[9],), (names[9],)), bounds=bounds)
    assert len(found.noises) == 2
    assert sides(found, names[5]) == {}
    assert sides(found, names[9]) == {Side.BOTH: 1}
