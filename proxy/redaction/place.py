"""Where a value stands in a document, and what that tells about it.

Law of this file: what a name or a rule announces holds for everything below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from proxy.redaction.keys import INHERITED, Telling, telling
from proxy.redaction.paths import PathSet, States
from proxy.redaction.words import ITSELF

_MEMORY = 4096
_LONG_NAME = 128


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """The name of the field (for an element: of the array), what it announces, and whether a rule names it."""

    name: str
    states: States
    telling: Telling
    by_rule: bool


class Places:
    """The way down a document, from the top, by names and indexes. A way that was gone lately is remembered."""

    def __init__(self, paths: PathSet) -> None:
        self._paths = paths
        self._known: dict[tuple[Place, str | States], Place] = {}
        self.top = Place("", paths.start, Telling.NOTHING, paths.accepts(paths.start))

    def below(self, place: Place, step: str | int) -> Place:
        if isinstance(step, int):
            return self._element(place, self._paths.step(place.states, step)) if place.states else place
        known = self._known.get((place, step))
        return self._remembered(place, step, self._member(place, step)) if known is None else known

    def _element(self, place: Place, states: States) -> Place:
        known = self._known.get((place, states))
        if known is not None:
            return known
        by_rule = place.by_rule or self._paths.accepts(states)
        return self._remembered(place, states, Place(place.name, states, place.telling, by_rule))

    def _remembered(self, place: Place, step: str | States, below: Place) -> Place:
        """`below`, and the same object next time, unless too many were met since."""
        if len(self._known) >= _MEMORY:
            self._known.clear()
        if len(step) <= _LONG_NAME:
            self._known[place, step] = below
        return below

    def _member(self, place: Place, step: str) -> Place:
        states = self._paths.step(place.states, step)
        by_rule = place.by_rule or (bool(states) and self._paths.accepts(states))
        if place.telling is not Telling.NOTHING and (place.telling in INHERITED or step in ITSELF):
            return Place(place.name if step in ITSELF else step, states, place.telling, by_rule)
        return Place(step, states, telling(step, place.name), by_rule)

    def at(self, steps: Sequence[str | int]) -> Place:
        place = self.top
        for step in steps:
            place = self.below(place, step)
        return place
