"""Where a value stands in a document, and what that tells about it.

Law of this file: what a name or a rule announces holds for everything below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from proxy.redaction.keys import INHERITED, Telling, telling
from proxy.redaction.paths import PathSet, States
from proxy.redaction.words import ITSELF


@dataclass(frozen=True, slots=True)
class Place:
    """The name of the field (for an element: of the array), what it announces, and whether a rule names it."""

    name: str
    states: States
    telling: Telling
    by_rule: bool


class Places:
    """The way down a document, from the top, by names and indexes."""

    def __init__(self, paths: PathSet) -> None:
        self._paths = paths
        self.top = Place("", paths.start, Telling.NOTHING, paths.accepts(paths.start))

    def below(self, place: Place, step: str | int) -> Place:
        states = self._paths.step(place.states, step)
        by_rule = place.by_rule or (bool(states) and self._paths.accepts(states))
        if isinstance(step, int):
            return Place(place.name, states, place.telling, by_rule)
        if place.telling is not Telling.NOTHING and (place.telling in INHERITED or step in ITSELF):
            return Place(place.name if step in ITSELF else step, states, place.telling, by_rule)
        return Place(step, states, telling(step, place.name), by_rule)

    def at(self, steps: Sequence[str | int]) -> Place:
        place = self.top
        for step in steps:
            place = self.below(place, step)
        return place
