"""A checked match -> Match.

Law of this file: as build.py: nothing is checked and nothing is decided.
"""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from proxy.config.schema_matches import (
    BodyMatchSpec,
    ClaimMatchSpec,
    CookieMatchSpec,
    DuringSpec,
    HeaderMatchSpec,
    MatchSpec,
    QueryMatchSpec,
)
from proxy.routing.table import BodyMatch, Match, PathMatch, ValueMatch, Window

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_END_OF_DAY = 24 * 60


def build_match(spec: MatchSpec) -> Match:
    """A match in which no problem was found."""
    return Match(
        path=PathMatch(spec.path.type, spec.path.value),
        methods=frozenset(method.encode() for method in spec.method or ()),
        headers=tuple(map(_value, spec.headers)),
        query=tuple(map(_value, spec.query)),
        hosts=tuple(spec.host or ()),
        cookies=tuple(map(_value, spec.cookies)),
        claims=tuple(map(_value, spec.claims)),
        during=_window(spec.during) if spec.during else None,
        body=_body(spec.body) if spec.body else None,
    )


def zone(name: str) -> tzinfo:
    """Raises KeyError, ValueError or OSError if this machine knows no such time zone."""
    return UTC if name == "UTC" else ZoneInfo(name)


def _value(spec: HeaderMatchSpec | QueryMatchSpec | CookieMatchSpec | ClaimMatchSpec) -> ValueMatch:
    return ValueMatch(spec.name, spec.value, spec.type)


def _window(spec: DuringSpec) -> Window:
    days = frozenset(map(_DAYS.index, spec.days or _DAYS))
    return Window(spec.begin or 0, _END_OF_DAY if spec.end is None else spec.end, days, zone(spec.zone))


def _body(spec: BodyMatchSpec) -> BodyMatch:
    return BodyMatch(spec.path, tuple(spec.values))
