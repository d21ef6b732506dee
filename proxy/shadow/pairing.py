"""Which ids of two answers name the same thing. Pure.

Law of this file: two ids are a pair when they stand for the same entity at the same place of both answers. Elements of
a list are at the same place when a rule's key says so, or when both lists have but one; the order alone tells nothing.
An id that would have two partners has none.
"""

from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

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
