"""The headers that a policy includes.

Law of this file: names are compared without case, values exactly as bytes and in order, all of them, but for three
whose meaning is known: Content-Type is the same in any spelling, Location wherever it names the system's own host and
its own ids, and Set-Cookie is compared by cookie. White space around a value is not part of it (RFC 9110, section 5.5).
"""

import re
from collections.abc import Collection, Sequence

from comparators.answers import CONTENT_TYPE, LOCATION, SET_COOKIE, Fields
from comparators.cookies import compare_cookies
from comparators.differences import EQUAL_BY_VALUE, Difference, Findings, Kind
from comparators.display import displayed
from comparators.locations import Renamed, excuse
from comparators.policy import Policy

_PARAMETER = re.compile(r'\s*;\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]*)')
_FOLDED = frozenset({"charset"})

Hosts = tuple[Collection[bytes], Collection[bytes]]
"""The hosts by which legacy and the candidate are called, in lower case."""


def compare_headers(
    legacy: Fields, candidate: Fields, policy: Policy, hosts: Hosts, renamed: Renamed, findings: Findings
) -> None:
    """Adds the differences in the headers of the policy. `renamed`: what the bodies tell of ids."""
    for name in policy.headers:
        ours, theirs = legacy.get(name, ()), candidate.get(name, ())
        if ours == theirs:
            continue
        if name == SET_COOKIE:
            compare_cookies(legacy, candidate, policy.cookies, findings)
        else:
            findings.add(_difference(name, ours, theirs, hosts, renamed))


def _difference(
    name: bytes, legacy: Sequence[bytes], candidate: Sequence[bytes], hosts: Hosts, renamed: Renamed
) -> Difference:
    path = f"header:{name.decode('latin-1')}"
    ours, theirs = displayed(_one_or_all(legacy), _one_or_all(candidate))
    if not candidate:
        return Difference(path, Kind.MISSING, ours, None)
    if not legacy:
        return Difference(path, Kind.ADDED, None, theirs)
    if len(legacy) == len(candidate) == 1:
        if name == CONTENT_TYPE and _read(legacy[0]) == _read(candidate[0]):
            return Difference(path, Kind.SPELLING, ours, theirs, EQUAL_BY_VALUE)
        if name == LOCATION:
            rule = excuse(legacy[0], candidate[0], *hosts, renamed)
            return Difference(path, Kind.HEADER, ours, theirs, rule)
    return Difference(path, Kind.HEADER, ours, theirs)


def _one_or_all(values: Sequence[bytes]) -> str | list[str]:
    texts = [value.decode("latin-1") for value in values]
    return texts[0] if len(texts) == 1 else texts


def _read(content_type: bytes) -> tuple[str, dict[str, str]] | bytes:
    """A media type and its parameters (RFC 9110, section 8.3.1); what has another form stands for itself."""
    media, mark, rest = content_type.decode("latin-1").partition(";")
    parameters, offset, text = dict[str, str](), 0, mark + rest
    while offset < len(text.rstrip()):
        found = _PARAMETER.match(text, offset)
        if found is None or found[1].lower() in parameters:
            return content_type
        name, value = found[1].lower(), found[2].strip('"')
        parameters[name] = value.lower() if name in _FOLDED else value
        offset = found.end()
    return media.strip().lower(), parameters
