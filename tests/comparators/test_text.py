"""Texts differ at their first line that differs."""

import pytest

from comparators import Difference, Kind, Verdict, compare, compile_policy
from comparators.differences import Findings
from comparators.text import compare_texts, text_of
from tests.comparators.support import answered


def differences(legacy: str, candidate: str) -> tuple[Difference, ...]:
    findings = Findings()
    compare_texts(legacy, candidate, findings)
    return findings.conclude().differences


@pytest.mark.parametrize(
    ("legacy", "candidate", "expected"),
    [
        ("a\nb", "a\nb", None),
        ("a\nb\nc", "a\nx\ny", Difference("body.lines[1]", Kind.VALUE, '"b"', '"x"')),
        ("a\nb", "a", Difference("body.lines[1]", Kind.MISSING, '"b"', None)),
        ("a", "a\nb", Difference("body.lines[1]", Kind.ADDED, None, '"b"')),
        ("a\n", "a", Difference("body.lines[1]", Kind.MISSING, '""', None)),
        ("a\r\nb", "a\nb", Difference("body.lines[0]", Kind.VALUE, '"a\\r"', '"a"')),
    ],
)
def test_lines(legacy: str, candidate: str, expected: Difference | None) -> None:
    assert differences(legacy, candidate) == ((expected,) if expected else ())


@pytest.mark.parametrize(
    ("body", "charset", "text"),
    [
        (b"\xc3\xa9", "", "é"),
        (b"\xc3\xa9", "utf-8", "é"),
        (b"\xe9", "iso-8859-1", "é"),
        (b"\x80", "windows-1252", "€"),
        (b"\xe9", "utf-8", None),
        (b"\xe9", "us-ascii", None),
        (b"abc", "zlib", None),
        (b"abc", "idna", None),
    ],
)
def test_charsets(body: bytes, charset: str, text: str | None) -> None:
    assert text_of(body, charset) == text


def test_one_text_in_two_charsets_is_one_text() -> None:
    legacy = answered("né".encode("latin-1"), (b"content-type", b"text/plain; charset=iso-8859-1"))
    candidate = answered("né".encode(), (b"content-type", b"text/plain; charset=utf-8"))
    assert compare(legacy, candidate, compile_policy(headers=[])).verdict is Verdict.MATCH


def test_one_body_of_bytes_in_two_charsets_is_two_texts() -> None:
    legacy = answered("né".encode(), (b"content-type", b"text/plain; charset=iso-8859-1"))
    candidate = answered("né".encode(), (b"content-type", b"text/plain; charset=utf-8"))
    comparison = compare(legacy, candidate, compile_policy(headers=[]))
    assert comparison.differences == (Difference("body.lines[0]", Kind.VALUE, '"nÃ©"', '"né"'),)
