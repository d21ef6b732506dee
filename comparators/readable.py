"""What the readers of structured bodies have in common.

Law of this file: a body that is not what its content type says is Malformed, which is a difference if the other side's
is not; one that is, and can't be held, is Unreadable (codings.py).
"""

from comparators.answers import Reading
from comparators.document import Json
from comparators.text import text_of

MAX_PARTS = 500_000
"""Fields, parts, cells or elements of one body."""


class Malformed(ValueError):
    """Bytes are not what their content type says; the text says why."""


def told(body: bytes, how: Reading) -> str:
    """The text of a body in its charset. Raises Malformed."""
    text = text_of(body, how.charset)
    if text is None:
        raise Malformed(f"no text in the charset {how.charset or 'utf-8'}")
    return text


def gathered(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Pairs as an object; a name that comes more than once has a list of its values, in order."""
    values: dict[str, list[Json]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: given[0] if len(given) == 1 else given for name, given in values.items()}


def aligned(legacy: Json, candidate: Json, text: str, levels: int) -> tuple[Json, Json]:
    """Two values in which what is a list on one side is a list on the other, and what is an object with more about a
    text on one side is an object on the other, with the text as its member `text`. So it is down to `levels` of
    objects; what stands below is as it was.
    """
    if isinstance(legacy, list) or isinstance(candidate, list):
        ours, theirs = (value if isinstance(value, list) else [value] for value in (legacy, candidate))
        pairs = [aligned(one, other, text, levels) for one, other in zip(ours, theirs, strict=False)]
        both = len(pairs)
        return [one for one, _ in pairs] + ours[both:], [other for _, other in pairs] + theirs[both:]
    if text and isinstance(legacy, dict) is not isinstance(candidate, dict):
        legacy, candidate = _object(legacy, text), _object(candidate, text)
    if levels and isinstance(legacy, dict) and isinstance(candidate, dict):
        return _members(legacy, candidate, text, levels - 1)
    return legacy, candidate


def _members(legacy: dict[str, Json], candidate: dict[str, Json], text: str, levels: int) -> tuple[Json, Json]:
    ours, theirs = {**legacy}, {**candidate}
    for name in legacy:
        if name in candidate:
            ours[name], theirs[name] = aligned(legacy[name], candidate[name], text, levels)
    return ours, theirs


def _object(value: Json, text: str) -> Json:
    return value if isinstance(value, dict) else {text: value} if value else {}
