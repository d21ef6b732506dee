"""What is wrong with a match beyond its schema: bad paths, expressions and windows, values that are missing.

Law of this file: as checks.py.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias
from zoneinfo import available_timezones

from comparators.paths import ALLOWED, PathError, parse_path
from proxy.config.build_match import zone
from proxy.config.problems import Problem
from proxy.config.schema_matches import (
    ClaimMatchSpec,
    CookieMatchSpec,
    DuringSpec,
    HeaderMatchSpec,
    MatchSpec,
    QueryMatchSpec,
)
from proxy.config.wording import did_you_mean
from proxy.config.yaml_reader import Path
from proxy.routing.expression import MatchError, compile_regex
from proxy.routing.route import PathMatch, ValueKind
from proxy.routing.rule import compile_path

_END_OF_DAY = 24 * 60
ValueSpec: TypeAlias = HeaderMatchSpec | QueryMatchSpec | CookieMatchSpec | ClaimMatchSpec


def problems(spec: MatchSpec, path: Path) -> Iterator[Problem]:
    """Everything that is wrong with one match."""
    try:
        compile_path(PathMatch(spec.path.type, spec.path.value))
    except MatchError as error:
        yield Problem((*path, "path", "value"), str(error))
    for name, values in _lists(spec):
        for place, value in enumerate(values):
            yield from _value(value, (*path, name, place))
    names = [header.name.lower() for header in spec.headers]
    if len(set(names)) != len(names):
        yield Problem((*path, "headers"), "a header is matched twice")
    if spec.during is not None:
        yield from _during(spec.during, (*path, "during"))
    if spec.body is not None:
        yield from _body(spec.body.path, (*path, "body", "path"))


def _lists(spec: MatchSpec) -> Iterator[tuple[str, Sequence[ValueSpec]]]:
    yield "headers", spec.headers
    yield "query", spec.query
    yield "cookies", spec.cookies
    yield "claims", spec.claims


def _value(spec: ValueSpec, path: Path) -> Iterator[Problem]:
    said = "value" in spec.model_fields_set
    if spec.type in (ValueKind.PRESENT, ValueKind.ABSENT):
        if said:
            yield Problem((*path, "value"), f"type {spec.type} takes no value: leave it out")
    elif not said:
        yield Problem((*path, "value"), "required; or say type: Present")
    elif spec.type is ValueKind.REGEX:
        try:
            compile_regex(spec.value)
        except MatchError as error:
            yield Problem((*path, "value"), str(error))


def _during(spec: DuringSpec, path: Path) -> Iterator[Problem]:
    if spec.begin == _END_OF_DAY:
        yield Problem((*path, "from"), 'must be before 24:00; the start of a day is "00:00"')
    if (spec.begin or 0) == (_END_OF_DAY if spec.end is None else spec.end):
        yield Problem((*path, "to"), "is the same time as from: leave both out for the whole day")
    try:
        zone(spec.zone)
    except (KeyError, ValueError, OSError):
        hint = did_you_mean(spec.zone, available_timezones()) or "; UTC is always known"
        yield Problem((*path, "zone"), f'this machine knows no time zone "{spec.zone}"{hint}')


def _body(text: str, path: Path) -> Iterator[Problem]:
    try:
        parse_path(text)
    except PathError as error:
        yield Problem(path, f"{error.problem}, at character {error.offset + 1}; {ALLOWED}")
