"""Pairs: the same entity at the same place, and where the order of a list tells nothing, none."""

import json
from typing import Any

from comparators import Difference, Kind
from proxy.messages import Response
from proxy.routing.entities import Entity
from proxy.routing.ids import Found, Ids
from proxy.shadow.pairing import Likely, Pair, borne_out, likely, pairs

IDS = Ids([Entity("payment", ("$.id", "$.data[*].id")), Entity("charge", ("$.charge.id", "$.charges[*].id"))])


def found(document: Any) -> tuple[Found, ...]:
    headers = ((b"Content-Type", b"application/json"),)
    return IDS.in_answer(b"/", Response(200, b"", headers, json.dumps(document).encode()))


def paired(ours: Any, theirs: Any) -> set[Pair]:
    return pairs(found(ours), found(theirs))


def test_ids_at_the_same_place_are_a_pair_nested_ones_too() -> None:
    ours = {"id": "a", "charge": {"id": "c"}, "charges": [{"id": "d"}]}
    theirs = {"charges": [{"id": "5"}], "charge": {"id": "3"}, "id": "1"}
    assert paired(ours, theirs) == {("payment", "a", "1"), ("charge", "c", "3"), ("charge", "d", "5")}


def test_the_order_of_a_list_tells_nothing() -> None:
    several = {"id": "a", "data": [{"id": "b"}, {"id": "c"}]}
    assert paired(several, {"id": "1", "data": [{"id": "2"}, {"id": "3"}]}) == {("payment", "a", "1")}
    assert paired(several, {"id": "1", "data": [{"id": "2"}]}) == {("payment", "a", "1")}


def test_what_only_one_side_has_has_no_partner() -> None:
    assert paired({"id": "a", "charge": {"id": "c"}}, {"id": "1"}) == {("payment", "a", "1")}


def test_an_id_with_two_partners_has_none() -> None:
    assert paired({"id": "a", "data": [{"id": "a"}]}, {"id": "1", "data": [{"id": "2"}]}) == set()
    assert paired({"id": "a", "data": [{"id": "b"}]}, {"id": "1", "data": [{"id": "1"}]}) == set()


def test_a_name_that_is_there_twice_with_two_ids_has_no_partner() -> None:
    headers = ((b"Content-Type", b"application/json"),)
    twice = IDS.in_answer(b"/", Response(200, b"", headers, b'{"id":"a","id":"b"}'))
    assert pairs(twice, found({"id": "1"})) == set()


def test_ids_in_a_list_of_several_are_likely_pairs_by_its_order() -> None:
    ours = {"id": "a", "data": [{"id": "b"}, {"id": "c"}]}
    theirs = {"id": "1", "data": [{"id": "2"}, {"id": "3"}, {"id": "4"}]}
    found_pairs = {(each.pair, each.within) for each in likely(found(ours), found(theirs))}
    assert found_pairs == {(("payment", "b", "2"), "$.data"), (("payment", "c", "3"), "$.data")}


def test_what_differs_in_the_list_speaks_against_them_but_not_a_field_of_one_side() -> None:
    guess = Likely(("payment", "b", "2"), "$.data")
    against = [Difference("$.data[0].amount", Kind.VALUE, "1", "2"), Difference("$.data", Kind.ORDER, "1", "2")]
    for each in against:
        assert not borne_out(guess, [each])
    for_it = [
        Difference("$.data[0].new", Kind.ADDED, None, "2"),
        Difference("$.database", Kind.VALUE, "1", "2"),
        Difference("status", Kind.STATUS, "200", "201"),
    ]
    assert borne_out(guess, for_it)
