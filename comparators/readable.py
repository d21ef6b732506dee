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
    """Two values in which all that stands at one path, whatever the indexes, has one shape: a list if there is a list
    anywhere on either side, and an object, with the text as its member `text`, if there is an object. So any element
    can be compared with any. It is done down to `levels` of objects, in place; what stands below is as it was.
    """
    shape = _Shape()
    for value in (legacy, candidate):
        shape.learn(value, levels)
    return shape.laid(legacy, text, levels), shape.laid(candidate, text, levels)


class _Shape:
    """What stands at one path."""

    __slots__ = ("is_list", "is_object", "members")

    def __init__(self) -> None:
        self.is_list = self.is_object = False
        self.members: dict[str, _Shape] = {}

    def learn(self, value: Json, levels: int) -> None:
        self.is_list = self.is_list or isinstance(value, list)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                self.is_object = True
                for name, member in each.items() if levels else ():
                    self.members.setdefault(name, _Shape()).learn(member, levels - 1)

    def laid(self, value: Json, text: str, levels: int) -> Json:
        values = value if isinstance(value, list) else [value]
        laid = [self._one(each, text, levels) for each in values]
        return laid if self.is_list else laid[0]

    def _one(self, value: Json, text: str, levels: int) -> Json:
        if self.is_object and text and not isinstance(value, dict):
            value = {text: value} if value else {}
        if isinstance(value, dict) and levels:
            for name, member in value.items():
                if name in self.members:
                    value[name] = self.members[name].laid(member, text, levels - 1)
        return value
