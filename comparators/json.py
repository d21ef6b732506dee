"""Two JSON texts -> differences.

Law of this file: what one side says in JSON and the other doesn't is a difference; what neither can be read as is left
to the reader of texts.
"""

from comparators.codings import Unreadable
from comparators.differences import Difference, Findings, Kind
from comparators.display import shown
from comparators.document import BYTE_ORDER_MARK, Document, NotJson, parse
from comparators.policy import Policy
from comparators.walk import walk


def compare_json(legacy: bytes, candidate: bytes, policy: Policy, findings: Findings) -> bool:
    """Adds the differences of two JSON texts; False, and nothing added, if neither is JSON.

    A byte order mark before both is overlooked (RFC 8259, section 8.1); before one it is a `syntax` difference.
    Raises Unreadable, naming the side, for JSON that can't be held or is nested too deeply.
    """
    if legacy.startswith(BYTE_ORDER_MARK) and candidate.startswith(BYTE_ORDER_MARK):
        legacy, candidate = legacy[len(BYTE_ORDER_MARK) :], candidate[len(BYTE_ORDER_MARK) :]
    ours, theirs = _parsed("legacy", legacy), _parsed("candidate", candidate)
    if isinstance(ours, NotJson) and isinstance(theirs, NotJson):
        return False
    if isinstance(ours, NotJson) or isinstance(theirs, NotJson):
        findings.add(Difference("body", Kind.SYNTAX, _what(ours), _what(theirs)))
    elif ours.canonical is None or ours.canonical != theirs.canonical or policy.has_units:
        is_canonical = ours.canonical is not None and theirs.canonical is not None
        walk(ours.value, theirs.value, policy, findings, is_canonical)
    return True


def _parsed(side: str, body: bytes) -> Document | NotJson:
    try:
        return parse(body)
    except NotJson as refused:
        return refused
    except Unreadable as unreadable:
        raise Unreadable(f"{side}: {unreadable}") from None


def _what(parsed: Document | NotJson) -> str:
    return f"not JSON: {parsed}" if isinstance(parsed, NotJson) else shown(parsed.value)
