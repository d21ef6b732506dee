"""Values as JSON text of bounded length, for a list of differences.

Law of this file: what is shown is cut around the first character that differs, and never inside a run of digits: half a
card number would slip past those who look for whole ones.
"""

import json

import msgspec

LIMIT = 256
"""Characters of one value that are shown."""

ELLIPSIS = "…"
_LEAD = 32
_DIGITS = "0123456789 -"
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def displayed(legacy: object, candidate: object) -> tuple[str, str]:
    """Both values as JSON text of at most LIMIT characters each, cut at the same offset."""
    return bounded(as_json(legacy), as_json(candidate))


def shown(value: object) -> str:
    """One value as JSON text of at most LIMIT characters."""
    return bounded(as_json(value), "")[0]


def as_json(value: object) -> str:
    """A value as JSON text. Numbers keep their digits."""
    try:
        return _encoded(value)
    except RecursionError:
        return f"{ELLIPSIS} nested too deeply to be shown {ELLIPSIS}"


def _encoded(value: object) -> str:
    try:
        return _ENCODER.encode(value).decode()
    except UnicodeEncodeError:  # a lone surrogate, which json.dumps escapes
        return json.dumps(value, default=str)


def bounded(legacy: str, candidate: str) -> tuple[str, str]:
    """Two texts, cut to LIMIT characters each, so that the first difference can be seen."""
    if len(legacy) <= LIMIT and len(candidate) <= LIMIT:
        return legacy, candidate
    start = max(0, _common(legacy, candidate) - _LEAD)
    return _window(legacy, start), _window(candidate, start)


def _common(legacy: str, candidate: str) -> int:
    """How many characters both begin with; by halving, so that the work is done on whole slices."""
    low, high = 0, min(len(legacy), len(candidate))
    while low < high:
        middle = (low + high + 1) // 2
        if legacy[low:middle] == candidate[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _window(text: str, start: int) -> str:
    if len(text) <= LIMIT:
        return text
    end = start + LIMIT - 2 * len(ELLIPSIS)
    middle = text[start:end]
    if start:
        middle = ELLIPSIS + middle.lstrip(_DIGITS)
    if end < len(text):
        middle = middle.rstrip(_DIGITS) + ELLIPSIS
    return middle if middle.strip(ELLIPSIS) else f"{ELLIPSIS} {len(text)} characters {ELLIPSIS}"
