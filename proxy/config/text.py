"""A text as lines and places, and replacements in it.

Law of this file: what no replacement covers stays as it is, to the byte. A line ends where YAML says that it does.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Splice:
    """New text in place of the characters from `start` to before `end`; none are replaced if these are equal."""

    start: int
    end: int
    text: str


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """The text with replacements that do not overlap; those at one place in the order in which they are given."""
    pieces, at = [], 0
    for splice in sorted(splices, key=lambda splice: (splice.start, splice.end)):
        if splice.start < at:
            raise ValueError("two replacements overlap")
        pieces += [text[at : splice.start], splice.text]
        at = splice.end
    return "".join([*pieces, text[at:]])


class Lines:
    """The lines of a text by their numbers, from 0. A line's end is before its break."""

    def __init__(self, text: str) -> None:
        self._text = text
        breaks = list(_BREAK.finditer(text))
        self._starts = [0, *(found.end() for found in breaks)]
        self._ends = [*(found.start() for found in breaks), len(text)]
        self.newline = breaks[0][0] if breaks else "\n"

    def at(self, index: int) -> int:
        """The line that holds a character."""
        return bisect_right(self._starts, index) - 1

    def start(self, line: int) -> int:
        return self._starts[line]

    def end(self, line: int) -> int:
        return self._ends[line]

    def text(self, line: int) -> str:
        return self._text[self._starts[line] : self._ends[line]]

    def break_after(self, line: int) -> str:
        """How the line ends; as the first of the text does, if it is the last and has no end."""
        end = self._ends[line]
        following = self._starts[line + 1] if line + 1 < len(self._starts) else end
        return self._text[end:following] or self.newline
