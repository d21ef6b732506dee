"""Any sequence of entries makes a whole chain; any change to it is found, and named."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import astuple
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.evidence.chain import FIRST, Chain, Fault, FaultKind, Head, Link, digest, linked
from tests.evidence.made import ENTRIES, chain_of, entry

NAMES = [each for each in Link.__struct_fields__ if each != "number"]


def faults(links: Iterable[Link | None], end: Head | None = None, noted: Head | None = None) -> list[Fault]:
    """All that is wrong; the end is checked if one is given."""
    chain = Chain(noted)
    found = [fault for each in links for fault in chain.take(None if each is None else each.number, each)]
    return [*found, *(chain.ends(end) if end is not None else []), *chain.lacks()]


def end_of(links: list[Link]) -> Head:
    return Head(links[-1].number, links[-1].hash) if links else Head(0, FIRST)


def named(found: Iterable[Fault]) -> set[int]:
    return {number for fault in found for number in range(fault.number, fault.last + 1)}


def test_anybody_can_reckon_the_hash() -> None:
    first, second = chain_of(entry(1), entry(2, ticket=None))
    held = ["strangler audit 1", 1, "0" * 64, 1700049601.0, "alice", "flip", "create-payment", "step 1", "PAY-1"]
    text = json.dumps([*held, "0000", "0001", '{"weight": 5}'], separators=(",", ":"))
    assert first.hash == hashlib.sha256(text.encode()).hexdigest()
    assert first.hash == "121e23660af4d116d1bf6f0523cc8f23a73ac6984a3c0452886aa3fdd109c915"
    assert (first.previous, second.previous) == (FIRST, first.hash)


@given(ENTRIES)
def test_what_was_linked_is_whole(entries: list[Any]) -> None:
    links = chain_of(*entries)
    assert faults(links, end_of(links), end_of(links)) == []
    assert [astuple(each) for each in entries] == [msgspec.structs.astuple(each)[1:10] for each in links]


@given(ENTRIES.filter(bool), st.data())
def test_an_edited_field_is_found(entries: list[Any], data: st.DataObject) -> None:
    links = chain_of(*entries)
    at = data.draw(st.integers(0, len(links) - 1))
    name = data.draw(st.sampled_from(NAMES))
    values = st.floats(0, 4e9) if name == "at" else st.text(st.characters(codec="utf-8"))
    value = data.draw(values.filter(lambda each: each != getattr(links[at], name)))
    links[at] = msgspec.structs.replace(links[at], **{name: value})
    assert faults(links, end_of(links))[0] == Fault(
        at + 1, at + 1, FaultKind.EDITED, "what it holds does not fit its hash"
    )


@given(ENTRIES.filter(lambda each: len(each) > 1), st.data())
def test_an_edit_that_mends_its_own_hash_breaks_the_chain(entries: list[Any], data: st.DataObject) -> None:
    links = chain_of(*entries)
    end = end_of(links)
    at = data.draw(st.integers(0, len(links) - 1))
    edited = msgspec.structs.replace(links[at], reason=links[at].reason + "!")
    links[at] = msgspec.structs.replace(edited, hash=digest(edited))
    (found,) = faults(links, end)
    assert (found.kind, found.number) == (FaultKind.BROKEN, min(at + 2, len(links)))


@given(ENTRIES.filter(bool), st.data())
def test_deleted_rows_are_found(entries: list[Any], data: st.DataObject) -> None:
    links = chain_of(*entries)
    first = data.draw(st.integers(0, len(links) - 1))
    last = data.draw(st.integers(first, len(links) - 1))
    (found,) = faults(links[:first] + links[last + 1 :], end_of(links))
    assert (found.number, found.last) == (first + 1, last + 1)
    assert found.kind is (FaultKind.CUT if last + 1 == len(links) else FaultKind.DELETED)


@given(ENTRIES.filter(lambda each: len(each) > 1), st.data())
def test_swapped_rows_are_found(entries: list[Any], data: st.DataObject) -> None:
    """As lines of a file, and as rows that bear each other's numbers."""
    links = chain_of(*entries)
    one, other = sorted(data.draw(st.lists(st.integers(0, len(links) - 1), min_size=2, max_size=2, unique=True)))
    moved = list(links)
    moved[one], moved[other] = links[other], links[one]
    assert {one + 1} <= named(faults(moved, end_of(links)))
    moved = [msgspec.structs.replace(each, number=number) for number, each in enumerate(moved, 1)]
    assert {one + 1, other + 1} <= named(faults(moved, end_of(links)))


@given(ENTRIES.filter(bool), st.data())
def test_added_rows_are_found(entries: list[Any], data: st.DataObject) -> None:
    links = chain_of(*entries)
    end = end_of(links)
    again = data.draw(st.sampled_from(links))
    found = faults([*links, again], end)
    assert [(each.kind, each.number) for each in found] == [(FaultKind.ADDED, again.number)]
    behind = linked(entry(), len(links) + 1, links[-1].hash)
    assert [(each.kind, each.number) for each in faults([*links, behind], end)] == [(FaultKind.ADDED, len(links) + 1)]


def test_a_row_that_is_no_entry_is_one_fault() -> None:
    links: list[Link | None] = list(chain_of(entry(1), entry(2), entry(3)))
    links[1] = None
    assert [str(each) for each in faults(links)] == ["row 2: edited: it holds what no entry can hold"]


def test_a_number_before_the_first_is_one_fault() -> None:
    (first,) = chain_of(entry(1))
    zero = msgspec.structs.replace(first, number=0)
    assert [str(each) for each in faults([zero, first])] == ["row 0: added: numbers begin with 1"]


def test_a_chain_without_a_record_of_its_end_may_be_cut() -> None:
    chain = Chain()
    assert chain.ends(None) == []
    for each in chain_of(entry(1), entry(2)):
        chain.take(each.number, each)
    (found,) = chain.ends(None)
    assert (found.kind, found.number) == (FaultKind.CUT, 2)


@pytest.mark.parametrize("number", [None, 2])
def test_a_noted_head_is_found_only_in_the_chain_that_led_to_it(number: int | None) -> None:
    links = chain_of(entry(1), entry(2), entry(3))
    noted = Head(number, links[1].hash)
    assert faults(links, noted=noted) == []
    rewritten = chain_of(entry(7), entry(2), entry(3))
    assert faults(rewritten, end_of(rewritten)) == []
    (found,) = faults(rewritten, end_of(rewritten), noted)
    assert (found.kind, found.number) == (FaultKind.UNKNOWN_HEAD, number or 3)
    assert noted.hash in found.why


def test_a_noted_head_has_its_number() -> None:
    links = chain_of(entry(1), entry(2))
    assert [each.kind for each in faults(links, noted=Head(1, links[1].hash))] == [FaultKind.UNKNOWN_HEAD]
    assert [each.kind for each in faults(links[:1], noted=end_of(links))] == [FaultKind.UNKNOWN_HEAD]


def test_the_head_of_an_empty_chain_is_in_every_chain() -> None:
    empty = Chain().head
    assert faults([], Head(0, FIRST), empty) == []
    assert faults(chain_of(entry(1)), noted=empty) == []


def test_faults_are_said_in_a_line() -> None:
    said: Callable[[list[Fault]], list[str]] = lambda found: [str(each) for each in found]  # noqa: E731
    links = chain_of(*map(entry, range(1, 8)))
    assert said(faults([*links[:2], *links[4:]])) == ["rows 3 to 4: deleted: missing"]
    assert said(faults(links[:-1], end_of(links))) == ["row 7: cut: cut off at the end"]
