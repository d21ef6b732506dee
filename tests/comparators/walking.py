"""Documents taken apart and changed in one place."""

from comparators.document import Json
from comparators.paths import Place


def leaves(value: Json, at: Place = None) -> list[tuple[Place, Json]]:
    """Each scalar and empty container, with its place."""
    if isinstance(value, dict) and value:
        return [leaf for name, each in value.items() for leaf in leaves(each, (at, name))]
    if isinstance(value, list) and value:
        return [leaf for index, each in enumerate(value) for leaf in leaves(each, (at, index))]
    return [(at, value)]


def nodes(value: Json, at: Place = None) -> list[tuple[Place, Json]]:
    """Each value with its place: scalars, and containers before what is in them."""
    children: list[tuple[Place, Json]] = []
    if isinstance(value, dict):
        children = [node for name, each in value.items() for node in nodes(each, (at, name))]
    elif isinstance(value, list):
        children = [node for index, each in enumerate(value) for node in nodes(each, (at, index))]
    return [(at, value), *children]


def replaced(value: Json, place: Place, new: Json) -> Json:
    """A copy of a document with another value at one place."""
    if place is None:
        return new
    parent, step = place
    container = at(value, parent)
    if isinstance(container, dict) and isinstance(step, str):
        return replaced(value, parent, {**container, step: new})
    assert isinstance(container, list)
    assert isinstance(step, int)
    return replaced(value, parent, [*container[:step], new, *container[step + 1 :]])


def at(value: Json, place: Place) -> Json:
    if place is None:
        return value
    parent, step = place
    return at(value, parent)[step]  # type: ignore[index]
