"""Two texts, by line.

Law of this file: a text is what its charset says; bytes that are no text in it are compared as bytes. Only the first
line that differs is reported: what follows it is most often its consequence.
"""

from comparators.differences import Difference, Findings, Kind
from comparators.display import displayed, shown

_CHARSETS = {
    "": "utf-8",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "iso-8859-1": "latin-1",
    "iso-8859-15": "iso8859-15",
    "windows-1252": "cp1252",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
"""The charsets that are read, and their Python names. Others are compared as bytes."""


def codec_of(charset: str) -> str | None:
    """Python's name of a charset that is read; None for another, and for none."""
    return _CHARSETS.get(charset) if charset else None


def text_of(body: bytes, charset: str) -> str | None:
    """The text of a body, or None if it has none in its charset."""
    codec = _CHARSETS.get(charset)
    if codec is None:
        return None
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        return None


def compare_texts(legacy: str, candidate: str, findings: Findings) -> None:
    """Adds the first line that differs, at `body.lines[N]`, N from 0. Line ends are part of a line."""
    if legacy == candidate:
        return
    ours, theirs = legacy.split("\n"), candidate.split("\n")
    both = min(len(ours), len(theirs))
    first = next((number for number in range(both) if ours[number] != theirs[number]), both)
    path = f"body.lines[{first}]"
    if first == len(theirs):
        findings.add(Difference(path, Kind.MISSING, shown(ours[first]), None))
    elif first == len(ours):
        findings.add(Difference(path, Kind.ADDED, None, shown(theirs[first])))
    else:
        findings.add(Difference(path, Kind.VALUE, *displayed(ours[first], theirs[first])))
