"""Which ids of two answers name the same thing. Pure.

Law of this file: two ids are a pair when they stand for the same entity at the same place of both answers. The order of
a list alone tells nothing: ids in a list of several are likely pairs, which the comparison has to bear out: under these
names nothing else in the list may differ in value or order. An id that would have two partners has none.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from comparators import Difference, Kind
from comparators.paths import Place, written
from proxy.routing.ids import Found
from proxy.routing.json_spans import Steps

Pair: TypeAlias = tuple[str, str, str]
"""An entity's name, the primary's id, the shadow's id."""

_Key: TypeAlias = tuple[str, Steps]


def pairs(primary: Iterable[Found], shadow: Iterable[Found]) -> set[Pair]:
    """The pairs in two answers to one request, of those ids that stand in no list of several."""
    ours, theirs = _alone(primary), _alone(shadow)
    found = {(key[0], ours[key], theirs[key]) for key in ours.keys() & theirs.keys()}
    return _one_to_one(found)


@dataclass(frozen=True, slots=True)
class Likely:
    """A pair by its place in a list of several; `within`: the outermost such list, as a difference's path has it."""

    pair: Pair
    within: str


def likely(primary: Iterable[Found], shadow: Iterable[Found]) -> list[Likely]:
    """The pairs that ids in lists of several make by the order of their elements."""
    ours, theirs = list(primary), list(shadow)
    several = _lists_of_several(each.at for each in (*ours, *theirs))
    here, there = _placed(ours), _placed(theirs)
    made = {
        (key[0], here[key], there[key]): within
        for key in here.keys() & there.keys()
        if (within := _outermost(key[1], several)) is not None
    }
    kept = _one_to_one(set(made))
    return [Likely(pair, within) for pair, within in made.items() if pair in kept]


def borne_out(guess: Likely, differences: Iterable[Difference]) -> bool:
    """Whether nothing that differs speaks against a likely pair: a field that only one side has does not."""
    return not any(
        (each.path == guess.within or each.path.startswith(f"{guess.within}["))
        and each.kind not in (Kind.ADDED, Kind.MISSING)
        for each in differences
    )


def _placed(found: Iterable[Found]) -> dict[_Key, str]:
    return {(each.entity.name, each.at): each.id for each in found}


def _outermost(place: Steps, several: set[Steps]) -> str | None:
    for end in range(len(place)):
        if place[:end] in several:
            at: Place = None
            for step in place[:end]:
                at = (at, step)
            return written(at)
    return None


def _alone(found: Iterable[Found]) -> dict[_Key, str]:
    """The ids that stand alone at their place."""
    every = list(found)
    several = _lists_of_several(each.at for each in every)
    alone: dict[_Key, str] = {}
    twice: set[_Key] = set()
    for each in every:
        key = (each.entity.name, each.at)
        if any(each.at[:end] in several for end in range(len(each.at))):
            continue
        if alone.setdefault(key, each.id) != each.id:
            twice.add(key)
    return {key: text for key, text in alone.items() if key not in twice}


def _lists_of_several(places: Iterable[Steps]) -> set[Steps]:
    """The places of lists of which an element after the first holds an id."""
    return {place[:end] for place in places for end, step in enumerate(place) if isinstance(step, int) and step > 0}


def _one_to_one(found: set[Pair]) -> set[Pair]:
    ours = Counter((entity, primary) for entity, primary, _ in found)
    theirs = Counter((entity, shadow) for entity, _, shadow in found)
    return {
        (entity, primary, shadow)
        for entity, primary, shadow in found
        if ours[entity, primary] == 1 and theirs[entity, shadow] == 1
    }
