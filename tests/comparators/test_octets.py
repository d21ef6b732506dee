"""Bytes are equal or not; a person sees length and hash."""

from comparators import Difference, Kind
from comparators.differences import Findings
from comparators.octets import compare_octets

EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
A_HASH = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"


def test_equal() -> None:
    findings = Findings()
    compare_octets(b"\x00", b"\x00", findings)
    assert findings.conclude().differences == ()


def test_different() -> None:
    findings = Findings()
    compare_octets(b"", b"a", findings)
    expected = Difference("body", Kind.VALUE, f"0 bytes, sha256 {EMPTY_HASH}", f"1 bytes, sha256 {A_HASH}")
    assert findings.conclude().differences == (expected,)
