"""Two bodies: their codings come off, and the reader that their content types ask for compares them.

Law of this file: the more structured reading wins. If either side says JSON, both are read as JSON (an error page in
HTML where JSON was due is then a `syntax` difference); else if either says text, both are read as text; else bytes. A
body without a content type is never sniffed. Equal bytes that want to be read alike are equal, whatever they hold.
"""

from msgspec import Struct

from comparators.answers import Reading
from comparators.codings import Unreadable, decoded
from comparators.differences import Difference, Findings, Kind
from comparators.display import shown
from comparators.json import compare_json
from comparators.octets import compare_octets
from comparators.policy import Policy
from comparators.text import compare_texts, text_of

_TEXTS = frozenset({"application/x-www-form-urlencoded", "application/xml", "application/javascript"})


class Body(Struct, frozen=True):
    """Bytes, and how they want to be read."""

    octets: bytes
    how: Reading


def compare_bodies(legacy: Body, candidate: Body, policy: Policy, findings: Findings) -> str | None:
    """Adds the differences of two bodies. Returns why they could not be compared fairly, or None if they were."""
    if legacy.octets == candidate.octets and (legacy.how == candidate.how or not legacy.octets):
        return None
    try:
        _compare(_decoded("legacy", legacy), _decoded("candidate", candidate), policy, findings)
    except Unreadable as unfair:
        return str(unfair)
    return None


def _decoded(side: str, body: Body) -> Body:
    if not body.octets:  # as after HEAD: the headers describe a body that wasn't sent
        return body
    try:
        return Body(decoded(body.octets, body.how.codings), body.how)
    except Unreadable as unreadable:
        raise Unreadable(f"{side}: {unreadable}") from unreadable.__cause__


def _compare(legacy: Body, candidate: Body, policy: Policy, findings: Findings) -> None:
    if not legacy.octets or not candidate.octets:
        _compare_with_nothing(legacy.octets, candidate.octets, findings)
    elif _is_json(legacy.how, policy) or _is_json(candidate.how, policy):
        same = legacy.octets == candidate.octets
        if not same and not compare_json(legacy.octets, candidate.octets, policy, findings):
            _compare_texts(legacy, candidate, findings)
    elif _is_text(legacy.how) or _is_text(candidate.how):
        _compare_texts(legacy, candidate, findings)
    else:
        compare_octets(legacy.octets, candidate.octets, findings)


def _compare_with_nothing(legacy: bytes, candidate: bytes, findings: Findings) -> None:
    if legacy:
        findings.add(Difference("body", Kind.MISSING, _shown(legacy), None))
    elif candidate:
        findings.add(Difference("body", Kind.ADDED, None, _shown(candidate)))


def _compare_texts(legacy: Body, candidate: Body, findings: Findings) -> None:
    ours, theirs = text_of(legacy.octets, legacy.how.charset), text_of(candidate.octets, candidate.how.charset)
    if ours is None or theirs is None:
        compare_octets(legacy.octets, candidate.octets, findings)
    else:
        compare_texts(ours, theirs, findings)


def _shown(body: bytes) -> str:
    return shown(body.decode("utf-8", "replace"))


def _is_json(how: Reading, policy: Policy) -> bool:
    return how.media in policy.content_types or how.media.endswith("+json")


def _is_text(how: Reading) -> bool:
    return how.media.startswith("text/") or how.media in _TEXTS or how.media.endswith("+xml")
