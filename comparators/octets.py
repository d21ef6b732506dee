"""Two bodies that are neither JSON nor text.

Law of this file: bytes are equal or they are not; a person is told their length and hash.
"""

import hashlib

from comparators.differences import Difference, Findings, Kind


def compare_octets(legacy: bytes, candidate: bytes, findings: Findings) -> None:
    """Adds one difference at `body` if the bytes differ."""
    if legacy != candidate:
        findings.add(Difference("body", Kind.VALUE, described(legacy), described(candidate)))


def described(body: bytes) -> str:
    """Such as `1024 bytes, sha256 9f86d0…` with all 64 digits."""
    return f"{len(body)} bytes, sha256 {hashlib.sha256(body).hexdigest()}"
