"""CSV with its secrets replaced in place: cells by the name of their column.

Law of this file: the first line names the columns; a cell that holds no secret keeps its bytes, quotes and all.
"""

import re

from proxy.redaction.keys import Telling
from proxy.redaction.place import Place, Places
from proxy.redaction.values import Values

_CELL = re.compile(r'(?:"((?:[^"]|"")*)"(?=[,;|\t\r\n]|\Z)|([^,;|\t\r\n]*))(\r?\n|[,;|\t\r]|\Z)')
_NEEDS_QUOTES = re.compile(r'[,;|\t\r\n"]')


def redact_table(text: str, values: Values, places: Places) -> str:
    """The text, redacted. Raises TooManyCandidates."""
    columns: list[Place] = []
    parts: list[str] = []
    heading, at = True, 0
    for match in _CELL.finditer(text):
        clear = match[2] if match[1] is None else match[1].replace('""', '"')
        if heading:
            columns.append(places.below(places.top, clear.strip()))
        place = columns[at] if at < len(columns) else places.top
        kept = values.named(clear, Telling.NOTHING if heading else place.telling, place.by_rule and not heading)
        parts.append(match[0] if kept == clear else _quoted(kept, match[1] is not None) + match[3])
        ends = match[3][:1] in ("\r", "\n")
        heading, at = heading and not ends, 0 if ends else at + 1
    return "".join(parts)


def _quoted(cell: str, was_quoted: bool) -> str:
    return '"' + cell.replace('"', '""') + '"' if was_quoted or _NEEDS_QUOTES.search(cell) else cell
