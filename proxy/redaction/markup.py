"""XML and HTML with their secrets replaced in place: elements by name and parent, attributes by name.

Law of this file: no parser, no entities, no recursion: tags are read one by one as they stand, whatever they close, so
nothing can be expanded or refused. Every byte that is no secret stays as it was spelled.
"""

import html
import re
from dataclasses import dataclass, field

from proxy.redaction.keys import Telling
from proxy.redaction.place import Place, Places
from proxy.redaction.text import scan
from proxy.redaction.values import Values
from proxy.redaction.words import NAMED, NAMING

MAX_DEPTH = 512
"""Open elements that are remembered."""

_TOKEN = re.compile(
    r"<!--(?P<comment>.*?)-->|<!\[CDATA\[(?P<data>.*?)\]\]>|<[?!][^>]*>|</(?P<end>[^\s<>/]+)\s*>"
    r"|<(?P<start>[^\s<>/!?=\"']+)(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>|(?P<text>[^<]+)|<",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([^\s=\"'<>/]+)(\s*=\s*)(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))")


@dataclass(slots=True)
class _Walk:
    """The open elements, and the parts of the text that are done."""

    values: Values
    stack: list[tuple[str, Place]]
    parts: list[str] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return self.stack[-1][1]


def redact_markup(text: str, values: Values, places: Places) -> str:
    """The text, redacted. Raises TooManyCandidates."""
    walk = _Walk(values, [("", places.top)])
    for match in _TOKEN.finditer(text):
        _take(walk, match, places)
    return scan("".join(walk.parts), values.tokens)


def _take(walk: _Walk, match: re.Match[str], places: Places) -> None:
    kind = match.lastgroup
    if kind == "attributes" or kind == "start":
        walk.parts.append(_opened(walk, match, places))
    elif kind == "text":
        walk.parts.append(_value(walk, match[0], html.unescape(match[0])))
    elif kind == "data":
        walk.parts.append(f"<![CDATA[{_value(walk, match['data'], match['data'])}]]>")
    else:
        walk.parts.append(match[0])
        if kind == "end":
            _closed(walk, match["end"])


def _opened(walk: _Walk, match: re.Match[str], places: Places) -> str:
    name = match["start"].rpartition(":")[2]
    attributes = match["attributes"]
    place = places.below(walk.place, name)
    given = {each[1].lower(): each[3] or each[4] or each[5] or "" for each in _ATTRIBUTE.finditer(attributes)}
    named = next((given[word] for word in NAMING if _tells(given.get(word, ""), places, place)), None)
    inner = places.below(place, html.unescape(named)) if named is not None else place
    clean = _ATTRIBUTE.sub(lambda each: _attribute(walk, each, places, place, inner), attributes)
    if not attributes.endswith("/") and len(walk.stack) < MAX_DEPTH:
        walk.stack.append((match["start"], inner))
    return f"<{match['start']}{clean}>"


def _tells(name: str, places: Places, place: Place) -> bool:
    return bool(name) and places.below(place, html.unescape(name)).telling is not Telling.NOTHING


def _attribute(walk: _Walk, match: re.Match[str], places: Places, place: Place, named: Place) -> str:
    value = match[3] or match[4] or match[5] or ""
    name = match[1].rpartition(":")[2]
    where = named if name.lower() in NAMED else places.below(place, name)
    clear = html.unescape(value)
    clean = walk.values.named(clear, where.telling, where.by_rule)
    return match[0] if clean == clear else f'{match[1]}{match[2]}"{html.escape(clean)}"'


def _value(walk: _Walk, raw: str, clear: str) -> str:
    """The text between two tags; the space around it stays."""
    bare = clear.strip()
    clean = walk.values.named(bare, walk.place.telling, walk.place.by_rule) if bare else bare
    if clean == bare:
        return raw
    start = len(raw) - len(raw.lstrip())
    return raw[:start] + html.escape(clean, quote=False) + raw[len(raw.rstrip()) :]


def _closed(walk: _Walk, name: str) -> None:
    """Back to where the element was opened; an end without a start closes nothing."""
    for depth in range(len(walk.stack) - 1, max(0, len(walk.stack) - 8), -1):
        if walk.stack[depth][0] == name:
            del walk.stack[depth:]
            return
