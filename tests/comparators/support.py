"""Short ways to say what the comparator tests say often."""

import json
from decimal import Decimal

from hypothesis import strategies as st

from comparators import Answer, Comparison, Policy, Rule, compare, compile_policy

JSON_TYPE = (b"Content-Type", b"application/json")

NUMBERS = st.integers(-(10**25), 10**25) | st.decimals(allow_nan=False, allow_infinity=False, places=3).map(Decimal)
TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from('":\\/ é'), max_size=12)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


def answered(body: bytes, *headers: tuple[bytes, bytes], status: int = 200) -> Answer:
    """An answer; without headers, one of JSON."""
    return Answer(status, headers or (JSON_TYPE,), body)


def judged(legacy: bytes | str, candidate: bytes | str, *rules: Rule) -> Comparison:
    """Two JSON bodies, compared under rules."""
    ours, theirs = (body.encode() if isinstance(body, str) else body for body in (legacy, candidate))
    return compare(answered(ours), answered(theirs), policy_of(*rules))


def policy_of(*rules: Rule) -> Policy:
    return compile_policy(rules=rules)


def found(comparison: Comparison) -> list[tuple[str, str]]:
    """The path and kind of each difference."""
    return [(difference.path, difference.kind.value) for difference in comparison.differences]


def spelled(value: object, *, escaped: bool = False, spaced: bool = False, reverse: bool = False) -> bytes:
    """A JSON text for a value in one of its spellings; Decimals keep their digits."""
    return _spelled(value, escaped, " \n" if spaced else "", reverse).encode()


def _spelled(value: object, escaped: bool, gap: str, reverse: bool) -> str:
    if isinstance(value, dict):
        members = [
            f"{_string(name, escaped)}{gap}:{gap}{_spelled(each, escaped, gap, reverse)}"
            for name, each in value.items()
        ]
        return f"{{{gap}{','.join(reversed(members) if reverse else members)}{gap}}}"
    if isinstance(value, list):
        return f"[{gap}{f'{gap},'.join(_spelled(each, escaped, gap, reverse) for each in value)}{gap}]"
    if isinstance(value, str):
        return _string(value, escaped)
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def _string(text: str, escaped: bool) -> str:
    if not escaped:
        return json.dumps(text, ensure_ascii=False)
    units = text.encode("utf-16-be")
    return '"' + "".join(f"\\u{units[at]:02x}{units[at + 1]:02X}" for at in range(0, len(units), 2)) + '"'
