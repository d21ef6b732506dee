"""Learned noise -> the rule that would excuse it.

Law of this file: the narrowest rule that all pairs seen allow. What several values have in common is guessed from at
least MOST_SURE of them, a tolerance is what was seen doubled, and where nothing narrower holds it is Ignore, which says
so: it also hides what was not noise.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile
from typing import Final, TypeAlias

from comparators.instants import apart, instant
from proxy.redaction.tokens import is_token

Pairs: TypeAlias = Sequence[tuple[str | None, str | None]]
"""Both values of each pair, as JSON text of bounded length."""

LEAST_VALUES: Final = 4
"""Different values from which a pattern is guessed."""

_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
"""Tolerances of timestamps that are suggested, in seconds."""

_UUID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ALPHABETS: Final = ("[0-9]", "[0-9a-f]", "[0-9A-F]", "[a-z]", "[0-9a-z]", "[0-9A-Z]", "[0-9A-Za-z]", "[0-9A-Za-z_-]")
_PREFIX: Final = re.compile(r"[A-Za-z0-9]+[_:-]")
_WORD: Final = re.compile(r"[A-Za-z]+_[A-Za-z]+")
_META: Final = re.compile(r"([\\.^$|?*+()\[\]{}])")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A rule of comparePolicies: its type, its other fields in order, and why. No type: no rule can say it."""

    type: str | None
    fields: tuple[tuple[str, str], ...]
    why: str


def suggestion(path: str, kind: str, pairs: Pairs) -> Suggestion:
    """The rule for noise at this path (a pattern, with `[*]` for indexes) of this kind."""
    if path.startswith("header:"):
        name = path.removeprefix("header:")
        return Suggestion(None, (), f"rules concern bodies: leave {name} out of headers.include")
    if not path.startswith("$") or "…" in path:
        return Suggestion(None, (), f"rules concern JSON bodies, and cannot name {path}")
    if kind == "order":
        return Suggestion("Unordered", (), "a list in another order; say a key if its elements have one")
    texts = _texts(pairs) if kind in ("value", "timezone") else None
    return (texts and (_timestamp(texts) or _pattern(texts))) or Suggestion(
        "Ignore", (), "nothing narrower holds for all pairs seen; it hides mistakes there too"
    )


def _texts(pairs: Pairs) -> list[tuple[str, str]] | None:
    """The strings of all pairs; None if some are none, were cut or are redacted."""
    found = [(_text(ours), _text(theirs)) for ours, theirs in pairs]
    whole = [(ours, theirs) for ours, theirs in found if ours is not None and theirs is not None]
    return whole if whole and len(whole) == len(found) else None


def _text(said: str | None) -> str | None:
    try:
        text = json.loads(said or "")
    except ValueError:
        return None
    if not isinstance(text, str) or any(map(is_token, _WORD.findall(text))):
        return None
    return text


def _timestamp(pairs: Sequence[tuple[str, str]]) -> Suggestion | None:
    distances = [_distance(*pair) for pair in pairs]
    known = [each for each in distances if each is not None]
    if len(known) < len(distances):
        return None
    seen = max(known)
    tolerance = next((step for step in _STEPS if step >= 2 * seen), None)
    if tolerance is None:
        return None
    return Suggestion("Timestamp", (("tolerance", f"{tolerance}s"),), f"instants at most {seen.normalize():f} s apart")


def _distance(ours: str, theirs: str) -> Decimal | None:
    first, second = instant(ours), instant(theirs)
    return None if first is None or second is None else apart(first, second)


def _pattern(pairs: Sequence[tuple[str, str]]) -> Suggestion | None:
    values = sorted({value for pair in pairs for value in pair})
    if len(values) < LEAST_VALUES or not all(values):
        return None
    if all(re.fullmatch(_UUID, value) for value in values):
        return Suggestion("Pattern", (("pattern", _UUID),), f"UUIDs, in {len(values)} values")
    prefix = _prefix(values)
    rests = [value.removeprefix(prefix) for value in values]
    alphabet = next((each for each in _ALPHABETS if all(re.fullmatch(f"{each}+", rest) for rest in rests)), None)
    if alphabet is None:
        return None
    least, most = min(map(len, rests)), max(map(len, rests))
    length = f"{{{least}}}" if least == most else f"{{{least},{most}}}"
    pattern = _META.sub(r"\\\1", prefix) + alphabet + length
    return Suggestion("Pattern", (("pattern", pattern),), f"ids of one shape, in {len(values)} values")


def _prefix(values: Sequence[str]) -> str:
    """What all begin with, up to its last separator: `pay_`."""
    both = zip(values[0], values[-1], strict=False)  # of sorted texts, what these two begin with all others do
    common = "".join(ours for ours, _ in takewhile(lambda signs: signs[0] == signs[1], both))
    end = max((found.end() for found in _PREFIX.finditer(common)), default=0)
    return common[:end] if all(len(value) > end for value in values) else ""
