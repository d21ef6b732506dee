"""Two bodies: their codings come off, and the reader that their content types ask for compares them.

Law of this file: both sides are read alike, in the more structured of the two ways that their content types ask for; an
error page in HTML where JSON was due is then a `syntax` difference. What neither side is, though both say so, is
compared as text, and what is no text as bytes. Equal bytes that want to be read alike are equal, whatever they hold,
but for amounts that the two systems write in other units.
"""

from msgspec import Struct

from comparators.answers import Reading
from comparators.codings import Unreadable, decoded
from comparators.differences import Difference, Findings, Kind
from comparators.display import shown
from comparators.document import Json
from comparators.formats import READERS, Format, format_of, laid_alike
from comparators.json import compare_json
from comparators.octets import compare_octets
from comparators.policy import Policy
from comparators.readable import Malformed
from comparators.text import compare_texts, text_of
from comparators.walk import walk
from comparators.xml import Tree, compare_xml, read_xml

_DEFAULT = dict.fromkeys(("", "utf-8", "utf8", "us-ascii"), "utf-8")


class Body(Struct, frozen=True):
    """Bytes, and how they want to be read."""

    octets: bytes
    how: Reading


def compare_bodies(legacy: Body, candidate: Body, policy: Policy, findings: Findings) -> str | None:
    """Adds the differences of two bodies. Returns why they could not be compared fairly, or None if they were."""
    if legacy.octets == candidate.octets and _are_equal(legacy.how == candidate.how or not legacy.octets, policy):
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
        return
    format_ = min(format_of(legacy.how, policy), format_of(candidate.how, policy), key=lambda each: each.value)
    if format_ is Format.OCTETS:
        compare_octets(legacy.octets, candidate.octets, findings)
    elif legacy.octets == candidate.octets and _are_equal(_are_read_alike(legacy.how, candidate.how), policy):
        return
    elif format_ is Format.TEXT or not _compare_values(format_, legacy, candidate, policy, findings):
        _compare_texts(legacy, candidate, findings)


def _are_equal(alike: bool, policy: Policy) -> bool:
    """Whether equal bytes that are read `alike` are equal: not where the systems write amounts in other units."""
    return alike and not policy.has_units


def _are_read_alike(legacy: Reading, candidate: Reading) -> bool:
    charsets = {_DEFAULT.get(how.charset, how.charset) for how in (legacy, candidate)}
    return len(charsets) == 1 and legacy.boundary == candidate.boundary


def _compare_values(format_: Format, legacy: Body, candidate: Body, policy: Policy, findings: Findings) -> bool:
    """False, and nothing added, if neither is of the format."""
    if format_ is Format.JSON:
        return compare_json(_in_utf_8(legacy), _in_utf_8(candidate), policy, findings)
    ours, theirs = _read("legacy", legacy, format_), _read("candidate", candidate, format_)
    if isinstance(ours, Malformed) and isinstance(theirs, Malformed):
        return False
    if isinstance(ours, Malformed) or isinstance(theirs, Malformed):
        findings.add(Difference("body", Kind.SYNTAX, _what(ours), _what(theirs)))
    elif isinstance(ours, Tree) and isinstance(theirs, Tree):
        compare_xml(ours, theirs, policy, findings)
    else:
        assert not isinstance(ours, Tree)
        assert not isinstance(theirs, Tree)
        walk(*laid_alike(format_, ours, theirs), policy, findings)
    return True


def _read(side: str, body: Body, format_: Format) -> "Json | Tree | Malformed":
    try:
        return read_xml(body.octets, body.how) if format_ is Format.XML else READERS[format_](body.octets, body.how)
    except Malformed as refused:
        return refused
    except Unreadable as unreadable:
        raise Unreadable(f"{side}: {unreadable}") from None


def _what(read: "Json | Tree | Malformed") -> str:
    return str(read) if isinstance(read, Malformed) else shown(read.value if isinstance(read, Tree) else read)


def _in_utf_8(body: Body) -> bytes:
    """JSON is UTF-8 (RFC 8259, section 8.1); where a charset says otherwise, clients believe it."""
    if _DEFAULT.get(body.how.charset) == "utf-8":
        return body.octets
    text = text_of(body.octets, body.how.charset)
    return body.octets if text is None else text.encode("utf-8", "surrogatepass")


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
