"""The paths of the rules as one automaton: which values of a document they name.

Law of this file: a document of any depth costs one dictionary look-up a value, and the memory of look-ups is bounded.
"""

from typing import TypeAlias

from comparators.paths import Segment, parse_path

States: TypeAlias = frozenset[tuple[int, int]]
"""Where each path that may still match stands: (number of the path, segments done)."""

_MEMORY = 4096
_LONG_NAME = 128
_NOWHERE: States = frozenset()


class PathSet:
    """Paths compiled together: `start`, then `step` for each name or index on the way down, then `accepts`.

    Raises comparators.PathError, a ValueError, for a path that is not in the subset.
    """

    def __init__(self, paths: tuple[str, ...]) -> None:
        self._paths = tuple(parse_path(path) for path in paths)
        self._memory: dict[tuple[States, str | int], States] = {}
        self.start: States = frozenset((number, 0) for number in range(len(paths)))

    def __bool__(self) -> bool:
        return bool(self._paths)

    def step(self, states: States, key: str | int) -> States:
        if not states:
            return _NOWHERE
        if isinstance(key, str) and len(key) > _LONG_NAME:
            return self._step(states, key)
        known = self._memory.get((states, key))
        if known is None:
            if len(self._memory) >= _MEMORY:
                self._memory.clear()
            known = self._memory[states, key] = self._step(states, key)
        return known

    def accepts(self, states: States) -> bool:
        return any(place == len(self._paths[number]) for number, place in states)

    def accepted(self, states: States) -> tuple[int, ...]:
        """The numbers of the paths that end here, in order."""
        return tuple(sorted(number for number, place in states if place == len(self._paths[number])))

    def needed_names(self) -> tuple[str, ...] | None:
        """For each path a name without which it names nothing, or None if some path has no name at all."""
        names = [_last_name(path) for path in self._paths]
        known = tuple(name for name in names if name is not None)
        return known if len(known) == len(names) else None

    def _step(self, states: States, key: str | int) -> States:
        after: set[tuple[int, int]] = set()
        for number, place in states:
            path = self._paths[number]
            if place == len(path):
                continue
            segment = path[place]
            if segment.deep:
                after.add((number, place))
            if segment.selector is None or segment.selector == key:
                after.add((number, place + 1))
        return frozenset(after)


def _last_name(path: tuple[Segment, ...]) -> str | None:
    return next((segment.selector for segment in reversed(path) if isinstance(segment.selector, str)), None)
