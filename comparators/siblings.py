"""What stands beside a value: the currency of an amount.

Law of this file: a sibling is looked for on the side that the value is from, and where it isn't found it is None.
"""

from collections.abc import Sequence
from functools import lru_cache

from comparators.document import Json
from comparators.paths import PathError, parse_path


class Around:
    """Where two values stand: the roots of their documents, and the objects or lists that hold them."""

    __slots__ = ("candidate", "candidate_root", "legacy", "legacy_root")

    def __init__(self, legacy_root: Json, candidate_root: Json) -> None:
        self.legacy_root = self.legacy = legacy_root
        self.candidate_root = self.candidate = candidate_root

    def of_legacy(self, sibling: str) -> Json:
        return _found(sibling, self.legacy_root, self.legacy)

    def of_candidate(self, sibling: str) -> Json:
        return _found(sibling, self.candidate_root, self.candidate)


def steps(place: str) -> Sequence[str | int]:
    """The names and indexes of a path that starts with `$` or `@`. Raises PathError, also for `[*]` and `..`."""
    found = []
    for segment in parse_path("$" + place[1:]):
        if segment.deep or segment.selector is None:
            raise PathError(place, 0, "must name one place, without [*] and ..")
        found.append(segment.selector)
    return found


def at(value: Json, way: Sequence[str | int]) -> Json:
    """What stands at the end of a way down, or None."""
    for step in way:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


@lru_cache(maxsize=1024)
def way(place: str) -> tuple[str | int, ...]:
    """The way to a sibling or key: a name is one step, a path that starts with `$` or `@` its own. Raises PathError."""
    return tuple(steps(place)) if place.startswith(("$", "@")) else (place,)


def _found(sibling: str, root: Json, parent: Json) -> Json:
    return at(root if sibling.startswith("$") else parent, way(sibling))
