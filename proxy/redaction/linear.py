"""RE2, as the searches over whole bodies use it: over bytes, without case, linear in any input.

Law of this file: it finds where to look; what is there is judged by others.
"""

from collections.abc import Iterator

import re2

_MEMORY = 64 << 20

INLINE_TAG = r"</?(?:b|i|em|strong|span|wbr|font|u|code|mark|small|nobr|tt)(?:\s[^<>]*)?/?>"


def _options() -> "re2.Options":
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.case_sensitive = False
    options.never_capture = True
    options.max_mem = _MEMORY
    return options


class Search:
    """One pattern. Multi-byte signs stand in it byte by byte."""

    def __init__(self, pattern: str) -> None:
        self._compiled = re2.compile(pattern.encode(), _options())

    def spans(self, text: bytes) -> Iterator[tuple[int, int]]:
        for match in self._compiled.finditer(text):
            yield match.span()


class Questions:
    """Several patterns, answered in one pass over the text."""

    def __init__(self, *patterns: str) -> None:
        self._compiled = re2.Set.SearchSet(_options())
        for pattern in patterns:
            self._compiled.Add(pattern.encode())
        self._compiled.Compile()

    def answers(self, text: bytes) -> list[int]:
        """The numbers of the patterns that are found."""
        return self._compiled.Match(text) or []
