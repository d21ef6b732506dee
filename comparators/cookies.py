"""Set-Cookie by cookie: its name and attributes, in any order (RFC 6265).

Law of this file: a session id differs always, so values count only for the cookies that the policy names, and in that
a value is empty or not; values that differ otherwise are listed as excused. How long a cookie lives counts, not how
that is said: Max-Age goes before Expires (section 5.3), and Expires is counted from the answer's own Date.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from comparators.answers import DATE, SET_COOKIE, Fields
from comparators.differences import Difference, Findings, Kind
from comparators.display import displayed, shown
from comparators.paths import quoted

BY_NAME = "Set-Cookie by name and attributes"
"""The built-in rule that excuses a value."""

LIFETIME = 60
"""Seconds that the lives of two cookies may differ if Expires says one of them."""

WITHIN = f"Expires within {LIFETIME} s"
"""The built-in rule that excuses it."""

_FOLDED = frozenset({"samesite", "domain"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = frozenset({"max-age", "expires"})


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie. `attributes`: by name in lower case; "" for one without a value. `text`: as it came."""

    name: str
    value: str
    attributes: dict[str, str]
    text: str


def compare_cookies(legacy: Fields, candidate: Fields, counted: Collection[bytes], findings: Findings) -> None:
    """Adds a difference for each cookie that only one side sets, or with other attributes, or with another value."""
    ours, theirs = _by_name(legacy.get(SET_COOKIE, ())), _by_name(candidate.get(SET_COOKIE, ()))
    dates = _moment(legacy.get(DATE, ())), _moment(candidate.get(DATE, ()))
    for name in dict.fromkeys([*ours, *theirs]):
        ones, others = ours.get(name, []), theirs.get(name, [])
        path = f"header:set-cookie{quoted(name)}"
        for one, other in zip(ones, others, strict=False):
            for difference in _differences(path, one, other, name.encode("latin-1") in counted, dates):
                findings.add(difference)
        for one in ones[len(others) :]:
            findings.add(Difference(path, Kind.MISSING, shown(one.text), None))
        for other in others[len(ones) :]:
            findings.add(Difference(path, Kind.ADDED, None, shown(other.text)))


def _by_name(values: Sequence[bytes]) -> dict[str, list[Cookie]]:
    cookies: dict[str, list[Cookie]] = {}
    for value in values:
        cookie = _cookie(value.decode("latin-1"))
        cookies.setdefault(cookie.name, []).append(cookie)
    return cookies


def _cookie(text: str) -> Cookie:
    pair, *rest = text.split(";")
    name, _, value = pair.partition("=")
    attributes = {}
    for attribute in rest:
        key, _, said = attribute.partition("=")
        attributes[key.strip().lower()] = said.strip()
    return Cookie(name.strip(), value.strip(), {key: said for key, said in attributes.items() if key}, text)


def _differences(
    path: str, legacy: Cookie, candidate: Cookie, counts: bool, dates: tuple[datetime | None, datetime | None]
) -> Iterator[Difference]:
    if legacy.value != candidate.value:
        excused = not counts and bool(legacy.value) == bool(candidate.value)
        values = displayed(legacy.value, candidate.value)
        yield Difference(path, Kind.HEADER, *values, BY_NAME if excused else None)
    for key in sorted((legacy.attributes.keys() | candidate.attributes.keys()) - _TIMES):
        found = _attribute(f"{path}.{key}", legacy.attributes.get(key), candidate.attributes.get(key), key)
        if found is not None:
            yield found
    yield from _lives(path, legacy, candidate, dates)


def _attribute(path: str, legacy: str | None, candidate: str | None, key: str) -> Difference | None:
    if candidate is None:
        return Difference(path, Kind.MISSING, shown(legacy), None)
    if legacy is None:
        return Difference(path, Kind.ADDED, None, shown(candidate))
    same = _folded(legacy) == _folded(candidate) if key in _FOLDED else legacy == candidate
    return None if same else Difference(path, Kind.HEADER, *displayed(legacy, candidate))


def _folded(value: str) -> str:
    return value.removeprefix(".").lower()


def _lives(
    path: str, legacy: Cookie, candidate: Cookie, dates: tuple[datetime | None, datetime | None]
) -> Iterator[Difference]:
    """At most one difference in how long two cookies live."""
    since = dates if None not in dates else (None, None)
    ours, theirs = _life(legacy, since[0]), _life(candidate, since[1])
    if ours is None and theirs is None:
        return
    within = False
    if ours is not None and theirs is not None and ours.is_age is theirs.is_age:
        if ours.seconds == theirs.seconds:
            return
        within = not (ours.is_told and theirs.is_told) and abs(ours.seconds - theirs.seconds) <= LIFETIME
    said = displayed(_said(legacy), _said(candidate))
    yield Difference(f"{path}.expires", Kind.HEADER, *said, WITHIN if within else None)


@dataclass(frozen=True, slots=True)
class _Life:
    """`seconds` that a cookie lives (`is_age`), or of Unix time at its end; `is_told`: by Max-Age, to the second."""

    seconds: int
    is_age: bool
    is_told: bool


def _life(cookie: Cookie, since: datetime | None) -> _Life | None:
    """How long a cookie lives, if `since` says when that begins; None: as long as the session."""
    age = cookie.attributes.get("max-age", "")
    if age.removeprefix("-").isdecimal() and age.isascii() and len(age) < 19:
        return _Life(max(0, int(age)), True, True)
    until = _read(cookie.attributes.get("expires", ""))
    if until is None:
        return None
    return _Life(int((until - (since or _EPOCH)).total_seconds()), since is not None, False)


def _said(cookie: Cookie) -> str:
    return "; ".join(f"{key}={cookie.attributes[key]}" for key in sorted(_TIMES) if key in cookie.attributes)


def _moment(values: Sequence[bytes]) -> datetime | None:
    return _read(values[0].decode("latin-1")) if values else None


def _read(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
