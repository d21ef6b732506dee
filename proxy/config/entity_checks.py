"""What is wrong with an entity beyond its schema: its places and its pattern.

Law of this file: as checks.py.
"""

from collections.abc import Iterator

from comparators import PathError
from comparators.paths import ALLOWED
from proxy.config.problems import Problem
from proxy.config.schema_routes import EntitySpec
from proxy.config.yaml_reader import Path
from proxy.routing.entities import Entity, parse_place
from proxy.routing.expression import MatchError

_ANYWHERE = "$"


def problems(spec: EntitySpec, path: Path) -> Iterator[Problem]:
    """Everything that is wrong with one entity."""
    for field, places in (("place", spec.place), ("aliases", spec.aliases)):
        for number, words in enumerate(places):
            yield from _place(words, (*path, field, number))
    try:
        Entity(spec.name, (_ANYWHERE,), spec.pattern)
    except MatchError as error:
        yield Problem((*path, "pattern"), str(error))


def _place(words: str, path: Path) -> Iterator[Problem]:
    try:
        parse_place(words)
    except PathError as error:
        yield Problem(path, f"{error.problem}, at character {error.offset + 1}; {ALLOWED}")
    except MatchError as error:
        yield Problem(path, str(error))
