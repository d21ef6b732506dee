"""What a match asks of a request besides method and path, compiled: values, hosts, the time, a field of the body.

Law of this file: a condition only reads; whatever is wrong with one is found when it is compiled. `words` names it for
a person and never holds a value that a request carried.
"""

from datetime import datetime, timedelta
from typing import Protocol

import re2

from comparators.paths import parse_path
from proxy.routing.asked import Asked, Source
from proxy.routing.expression import MatchError, compile_regex
from proxy.routing.route import BodyMatch, Match, ValueKind, ValueMatch, Window


class Condition(Protocol):
    """Something that holds of a request or does not."""

    words: str

    def holds(self, asked: Asked) -> bool: ...


class ValueCondition:
    """A named value is equal, matched whole, there, or not there."""

    def __init__(self, source: Source, match: ValueMatch) -> None:
        self.words = f"{source} {match.name}"
        self.source = source
        self.name = (match.name.lower() if source is Source.HEADER else match.name).encode()
        self.kind = match.kind
        self.value = match.value.encode()
        self._regex: re2._Regexp | None = None
        if match.kind is ValueKind.REGEX:
            self._regex = compile_regex(match.value)

    def holds(self, asked: Asked) -> bool:
        value = asked.value(self.source, self.name)
        if value is None or self.kind is ValueKind.ABSENT:
            return value is None and self.kind is ValueKind.ABSENT
        if self._regex is not None:
            return self._regex.fullmatch(value) is not None
        return self.kind is ValueKind.PRESENT or value == self.value


class HostCondition:
    """The host is one of these; `*.` before a name stands for one or more labels."""

    def __init__(self, hosts: tuple[str, ...]) -> None:
        self.words = "host " + " or ".join(hosts)
        names = [host.lower().encode() for host in hosts]
        self.exact = frozenset(name for name in names if name[:2] != b"*.")
        self.suffixes = tuple(name[1:] for name in names if name[:2] == b"*.")

    def holds(self, asked: Asked) -> bool:
        host = asked.host()
        return host in self.exact or any(host.endswith(suffix) and host != suffix for suffix in self.suffixes)


class WindowCondition:
    """The time is within a window of the day, on its days; one past midnight belongs to the day on which it began."""

    def __init__(self, window: Window) -> None:
        self.words = f"time {_clock(window.begin)} to {_clock(window.end)} {window.zone}"
        self._window = window

    def holds(self, asked: Asked) -> bool:
        window = self._window
        local = datetime.fromtimestamp(asked.now, window.zone)
        minute = local.hour * 60 + local.minute
        if window.begin < window.end:
            return window.begin <= minute < window.end and local.weekday() in window.days
        if minute >= window.begin:
            return local.weekday() in window.days
        return minute < window.end and (local - timedelta(days=1)).weekday() in window.days


class BodyCondition:
    """A field of the JSON body has one of these values."""

    def __init__(self, match: BodyMatch) -> None:
        self.words = f"body {match.path}"
        self._segments = parse_path(match.path)
        if any(segment.deep for segment in self._segments):
            raise MatchError(f"{match.path}: a match names the whole way to its field, without ..")
        self._texts = frozenset(value for value in match.values if isinstance(value, str))
        self._numbers = frozenset(value for value in match.values if isinstance(value, int))

    def holds(self, asked: Asked) -> bool:
        return asked.awaited or any(map(self._is_one, asked.selected(self._segments)))

    def _is_one(self, value: object) -> bool:
        if isinstance(value, str):
            return value in self._texts
        return isinstance(value, int) and not isinstance(value, bool) and value in self._numbers


def compile_conditions(match: Match) -> tuple[Condition, ...]:
    """The conditions of a match, those that cost least first. Raises MatchError, or PathError for a body's path."""
    found: list[Condition] = []
    if match.hosts:
        found.append(HostCondition(match.hosts))
    if match.during is not None:
        found.append(WindowCondition(match.during))
    for source, values in (
        (Source.HEADER, match.headers),
        (Source.QUERY, match.query),
        (Source.COOKIE, match.cookies),
        (Source.CLAIM, match.claims),
    ):
        found.extend(ValueCondition(source, value) for value in values)
    if match.body is not None:
        found.append(BodyCondition(match.body))
    return tuple(found)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
