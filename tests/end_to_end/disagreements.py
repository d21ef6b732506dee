"""Where we and two proxies that people trust do not agree about a request, why, and who is right by the RFCs.

Law of this file: test_differential.py shows each row to be true, trick by trick; what is in no row is unexplained.
"""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """How a peer differs from us about one request."""

    WE_REFUSE = "we refuse what it carries"
    IT_REFUSES = "it refuses what we carry"
    GARBLED = "it sends on what h11 does not read"
    OTHERWISE = "both carry it, and the upstream sees different requests"


class Right(StrEnum):
    """Who does what RFC 9110 and 9112 ask for."""

    US = "us"
    IT = "it"
    EITHER = "either"  # the RFCs leave the choice


class Row(NamedTuple):
    """`nginx`, `haproxy`: how it differs from us, or None where it does not."""

    nginx: Kind | None
    haproxy: Kind | None
    right: Right
    reason: str


_N, _G, _R, _I, _O = None, Kind.GARBLED, Kind.WE_REFUSE, Kind.IT_REFUSES, Kind.OTHERWISE
_US, _IT, _EITHER = Right.US, Right.IT, Right.EITHER

_LF = "9112, 2.2: a recipient may take a lone LF for a line's end; parsers that do not would see one line less"
_GRAMMAR = "9112, 3.2: it is no URI; a recipient should answer 400, and must not repair it silently"
_SPACES = "9112, 3: a lenient reading of the request line may let white space pass, and is how lines are smuggled"
_CHUNK_LF = "9112, 7.1: a chunk's lines end by CRLF; a lone LF is what TERM.EXT smuggling is made of"
_HOST = "9112, 3.2: a Host that is not a valid one is to be answered 400"

DISAGREEMENTS = {
    "LF ends the line": Row(_R, _R, _EITHER, _LF),
    "LF ends a field": Row(_R, _R, _EITHER, _LF),
    "two spaces": Row(_R, _R, _EITHER, _SPACES),
    "a tab": Row(_N, _R, _EITHER, _SPACES),
    "a space at the end": Row(_R, _N, _EITHER, _SPACES),
    "HTTP/1.2": Row(
        _R, _R, _IT, "9110, 2.5: a higher minor version should be read as ours; we know of no sender of one"
    ),
    "HTTP/2.0": Row(_N, _R, _US, "9110, 2.5: another major version is another syntax; 505"),
    "HTTP/0.9": Row(_G, _N, _US, "9112 has no version-less requests; nginx makes one of HTTP/1.1 without a Host of it"),
    "a method in lower case": Row(
        _N, _R, _EITHER, "9110, 9.1: methods are case-sensitive; some servers behind us fold case"
    ),
    "an unknown method": Row(
        _R, _R, _EITHER, "9110, 9.1: a recipient may refuse a method that it does not know; llhttp does"
    ),
    "TRACE": Row(
        _N, _R, _EITHER, "9110, 9.3.8: TRACE shows the fields that we add and a client may not see; refused by design"
    ),
    "CONNECT": Row(
        _N, _R, _US, "9110, 9.3.6: CONNECT asks for a tunnel; a reverse proxy that makes none must not send it on"
    ),
    "OPTIONS *": Row(_I, _N, _US, "9112, 3.2.4: the asterisk form is valid for OPTIONS"),
    "GET *": Row(_N, _R, _US, "9112, 3.2.4: the asterisk form is valid for OPTIONS only"),
    "an absolute target": Row(
        _N, _O, _US, "9112, 3.2.1: what goes to an origin server has origin form; HAProxy leaves it"
    ),
    "an absolute target, another host": Row(
        _R, _N, _EITHER, "9112, 3.2.2: the target wins; which host a server behind us believes is unknown"
    ),
    "a fragment": Row(_R, _N, _US, _GRAMMAR),
    "UTF-8 in the target": Row(_G, _N, _US, _GRAMMAR),
    "a quote in the target": Row(_R, _R, _US, _GRAMMAR),
    "a backslash in the target": Row(_R, _R, _US, _GRAMMAR),
    "dot segments above the root": Row(
        _I, _N, _EITHER, "3986, 5.2.4: they stay at the root; nginx resolves paths for itself"
    ),
    "a bad escape": Row(
        _I, _N, _EITHER, "3986, 2.1: it is no escape; we route by the raw bytes and leave them to the upstream"
    ),
    "an encoded NUL": Row(
        _I, _N, _EITHER, "3986, 7.3: a valid escape, dangerous to decode; we do not decode what we send on"
    ),
    "no Host": Row(_N, _G, _US, "9112, 3.2: a request of HTTP/1.1 without Host must be answered 400"),
    "no Host in HTTP/1.0": Row(
        _G, _N, _US, "9112, 3.2: it is valid, and lacks a Host once it is HTTP/1.1; nginx has none to give"
    ),
    "a relative target, no Host": Row(_N, _R, _US, _GRAMMAR),
    "Host twice": Row(_N, _R, _US, "9112, 3.2: more than one Host must be answered 400, the same or not"),
    "an empty Host": Row(_N, _R, _US, "9110, 4.2.1: an http URI with an empty host is invalid"),
    "a user in Host": Row(_R, _R, _US, _HOST),
    "a path in Host": Row(_N, _R, _US, _HOST),
    "a port of letters": Row(_R, _R, _US, _HOST),
    "a folded line": Row(
        _N, _R, _EITHER, "9112, 5.2: a proxy answers 400 or unfolds; servers behind us may not unfold alike"
    ),
    "a length folded": Row(_N, _R, _EITHER, "9112, 5.2: as for any folded line"),
    "no colon": Row(_R, _N, _US, "9112, 5: it is no field line; nginx drops it"),
    "a bad byte in a name": Row(_R, _N, _US, "9110, 5.1: it is no token; nginx drops the line"),
    "UTF-8 in a name": Row(_R, _N, _US, "9110, 5.1: it is no token; nginx drops the line"),
    "NUL in a value": Row(_N, _G, _US, "9110, 5.5: NUL is to be refused or replaced; HAProxy 2.6 sends it on"),
    "a control byte in a value": Row(
        _R, _R, _EITHER, "9110, 5.5: control bytes are invalid, and may be kept where they are safe"
    ),
    "Authorization twice": Row(
        _I, _N, _EITHER, "9110, 5.3: no sender may repeat it; which one counts is the server's to say"
    ),
    "an unknown Expect": Row(_R, _R, _EITHER, "9110, 10.1.1: 417 may be answered to what is not 100-continue"),
    "both framings": Row(
        _N, _R, _EITHER, "9112, 6.1: may be refused; HAProxy drops the length, as it must if it does not refuse"
    ),
    "the length twice": Row(_N, _R, _EITHER, "9110, 8.6: refused, or one of equal values is taken"),
    "a list of lengths": Row(_N, _R, _EITHER, "9110, 8.6: refused, or one of equal values is taken"),
    "chunks in HTTP/1.0": Row(_N, _R, _US, "9112, 6.1: its framing is faulty even if it looks right"),
    "chunked and a tab": Row(
        _N, _R, _IT, "9110, 5.5: white space about a value is no part of it; llhttp and nginx refuse the tab"
    ),
    "an extension without a name": Row(_R, _R, _US, "9112, 7.1.1: an extension has a name"),
    "a long extension": Row(
        _R, _R, _US, "9112, 7.1.1: a recipient ought to bound the length of extensions; ours is 256 bytes a line"
    ),
    "LF after a size": Row(_R, _R, _US, _CHUNK_LF),
    "LF after a chunk": Row(_R, _R, _US, _CHUNK_LF),
    "a space after a size": Row(
        _R, _R, _US, "9112, 7.1: nothing but extensions may follow a size; white space alone is none"
    ),
    "a bad trailer": Row(_R, _N, _US, "9112, 7.1.2: trailers are field lines; nginx drops them unread"),
}
"""trick -> how each peer differs from us, who is right, and the section that says so."""
