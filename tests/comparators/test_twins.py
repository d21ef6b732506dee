"""A renaming is one-to-one, or it is none."""

from decimal import Decimal

from comparators.twins import UNBOUND, Twins, are_ids, key_of


def test_what_met_first_stays_bound() -> None:
    twins = Twins()
    assert twins.meet("a", "x")
    assert twins.meet("a", "x")
    assert not twins.meet("a", "y")
    assert not twins.meet("b", "x")
    assert twins.meet("b", "y")
    assert not twins.meet("a", "a")
    assert twins.meet("c", "c")


def test_what_stands_for_an_id() -> None:
    twins = Twins()
    twins.meet("a", "x")
    assert twins.of_legacy("a") == twins.of_candidate("x") == "x"
    assert twins.of_legacy("b") is twins.of_candidate("y") is UNBOUND


def test_what_was_bound_on_trial_is_forgotten() -> None:
    twins = Twins()
    twins.meet("a", "x")
    mark = twins.mark()
    twins.meet("b", "y")
    twins.back_to(mark)
    assert twins.meet("b", "z")
    assert not twins.meet("a", "y")


def test_ids_are_two_strings_or_two_numbers() -> None:
    assert are_ids("a", "b")
    assert are_ids(1, Decimal("2"))
    assert not are_ids("1", 1)
    assert not are_ids(True, False)
    assert not are_ids(None, None)
    assert not are_ids(True, 1)


def test_ids_that_somebody_chose_have_hashes_of_their_own() -> None:
    chosen = [(2**61 - 1) * factor for factor in range(2, 99)]
    assert len({hash(key_of(number)) for number in chosen}) == len(chosen)
    twins = Twins()
    assert all(twins.meet(number, -number) for number in chosen)
    assert twins.of_legacy(chosen[0]) == twins.of_candidate(-chosen[0])
    assert not twins.meet(chosen[0], -chosen[1])
    assert key_of("1") != key_of(1)


def test_a_url_names_only_what_is_bound() -> None:
    twins = Twins()
    assert twins.meet("pay_1", "tx_9")
    assert twins.meet(12, 34)
    assert twins.are_bound("pay_1", "tx_9")
    assert twins.are_bound("12", "34")
    assert not any(twins.are_bound(*ids) for ids in [("pay_1", "tx_8"), ("tx_9", "pay_1"), ("12", "034"), ("", "")])
    assert twins.meet("x", "y")
