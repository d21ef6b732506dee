"""Pieces of bodies as a comparison shows them: a line of a text, the beginning of a body, often cut at both ends.

Law of this file: half a word tells nothing and may be half a secret, so it goes; and what only its surroundings would
name (a cell of a table, a number alone on a line of markup) is replaced whole.
"""

import json
import re
from collections.abc import Callable, Sequence

CUT = "…"

_WORD = r"[^\s\"'<>&=,;:]*"
_GROUPS = r"(?:[\s\-._/+\xa0\u2000-\u2015\u202f]+(?=[0-9A-Za-z]*[0-9])[0-9A-Za-z]{1,6})*"
_CUT_END = re.compile(rf"{_GROUPS}[\s\-._/+\xa0\u2000-\u2015\u202f]*{_WORD}\Z")
_CUT_START = re.compile(rf"\A{_WORD}(?:[\s\-._/+\xa0\u2000-\u2015\u202f]+[0-9A-Za-z]*[0-9][0-9A-Za-z]*)*")
_STRUCTURE_END = re.compile(r"[^>&\"\n{}\[\],=]*\Z")
_STRUCTURE_START = re.compile(r"\A[^<&\"\n{}\[\],]*")
_BARE = re.compile(r"\W*[0-9]{3,12}\W*")
_STRUCTURED = ("form-urlencoded", "xml", "html", "json")


def is_table(media: str) -> bool:
    return media.endswith("/csv")


def is_nameless(steps: Sequence[str | int], media: str) -> bool:
    """Whether a value of a table without heading, or of parts without names, is told by its number alone."""
    numbered = all(isinstance(step, int) or step == "content" for step in steps)
    return numbered and (is_table(media) or media.startswith("multipart/"))


def names_nothing(text: str, media: str) -> bool:
    """Whether the text is one value, whose name stands in another line."""
    return is_table(media) or (("xml" in media or "html" in media) and _BARE.fullmatch(text) is not None)


def cleaned(shown: str, media: str, clean: Callable[[str], str]) -> str:
    """A piece that is shown as JSON text, with what is in it cleaned, without the words at which it was cut."""
    head = next((sign for sign in ('"', CUT) if shown.startswith(sign)), "")
    tail = next((sign for sign in ('"', CUT) if shown.endswith(sign) and len(shown) > 1), "")
    inner = _unquoted(shown[len(head) : len(shown) - len(tail)])
    text = uncut(inner, media, head == CUT, tail == CUT)
    kept = clean(text)
    return shown if kept == inner else head + json.dumps(kept, ensure_ascii=False)[1:-1] + tail


def uncut(text: str, media: str, at_start: bool, at_end: bool) -> str:
    """The text without the half words at its cuts; in a structured one, without the half values."""
    structured = any(word in media for word in _STRUCTURED)
    if at_start:
        text = (_STRUCTURE_START if structured else _CUT_START).sub("", text)
    if at_end:
        text = (_STRUCTURE_END if structured else _CUT_END).sub("", text, count=1)
    return text


def without_half_words(shown: str) -> str:
    """The same for a value of any kind as it is shown."""
    if shown.startswith(CUT):
        shown = CUT + _CUT_START.sub("", shown[1:])
    if shown.endswith(CUT) and len(shown) > 1:
        shown = _CUT_END.sub("", shown[:-1], count=1) + CUT
    return shown


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text
