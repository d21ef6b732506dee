"""The headers that a policy includes.

Law of this file: names are compared without case, values exactly as bytes and in order, all of them. White space around
a value is not part of it (RFC 9110, section 5.5).
"""

from collections.abc import Sequence

from comparators.answers import Fields
from comparators.differences import Difference, Findings, Kind
from comparators.display import displayed


def compare_headers(legacy: Fields, candidate: Fields, names: Sequence[bytes], findings: Findings) -> None:
    """Adds a difference for each header in `names` (lower case) whose values differ."""
    for name in names:
        ours, theirs = legacy.get(name, ()), candidate.get(name, ())
        if ours != theirs:
            findings.add(_difference(name, ours, theirs))


def _difference(name: bytes, legacy: Sequence[bytes], candidate: Sequence[bytes]) -> Difference:
    path = f"header:{name.decode('latin-1')}"
    ours, theirs = displayed(_one_or_all(legacy), _one_or_all(candidate))
    if not candidate:
        return Difference(path, Kind.MISSING, ours, None)
    if not legacy:
        return Difference(path, Kind.ADDED, None, theirs)
    return Difference(path, Kind.HEADER, ours, theirs)


def _one_or_all(values: Sequence[bytes]) -> str | list[str]:
    texts = [value.decode("latin-1") for value in values]
    return texts[0] if len(texts) == 1 else texts
