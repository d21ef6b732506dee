"""JSON texts: what one side says in JSON and the other doesn't is a difference."""

import pytest

from comparators.codings import Unreadable
from comparators.differences import Findings
from comparators.json import compare_json
from tests.comparators.support import found, policy_of


def kinds(legacy: bytes, candidate: bytes) -> tuple[bool, list[tuple[str, str]]]:
    findings = Findings()
    was_json = compare_json(legacy, candidate, policy_of(), findings)
    return was_json, found(findings.conclude())


@pytest.mark.parametrize(
    ("legacy", "candidate", "expected"),
    [
        (b"{}", b" { } ", (True, [])),
        (b'{"a":1}', b'{"a":2}', (True, [("$.a", "value")])),
        (b"{}", b"<p>", (True, [("body", "syntax")])),
        (b"NaN", b"null", (True, [("body", "syntax")])),
        (b"\xef\xbb\xbf{}", b"\xef\xbb\xbf{}  ", (True, [])),
        (b"\xef\xbb\xbf{}", b"{}", (True, [("body", "syntax")])),
        (b'"\xff"', b'"\xfe"', (False, [])),
        (b"<p>", b"<q>", (False, [])),
    ],
)
def test_two_texts(legacy: bytes, candidate: bytes, expected: tuple[bool, list[tuple[str, str]]]) -> None:
    assert kinds(legacy, candidate) == expected


def test_what_cannot_be_held_is_told_with_its_side() -> None:
    with pytest.raises(Unreadable, match="candidate: JSON is nested"):
        kinds(b"[]", b"[" * 100_000 + b"]" * 100_000)
