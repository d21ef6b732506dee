"""A raw request target: its path in one canonical spelling, the other ways a server could read it, and its query.

Law of this file: bytes in, bytes out; nothing here knows a route, and nothing read here is ever forwarded (the target
goes on byte for byte). Two spellings that every server reads alike get one canonical form. A spelling that servers
read in several ways (RFC 3986, sections 5.2.4 and 6.2.2, leaves room) gets all its readings, so that the matcher can
refuse what would be one route to us and another to the system behind us.
"""

import re
from urllib.parse import unquote_to_bytes

_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_SEGMENT_BYTES = _UNRESERVED + b"!$&'()*+,;=:@"
_FIRST = re.escape(_SEGMENT_BYTES.replace(b";", b"").replace(b".", b""))
_PLAIN = re.compile(rb"/|(?:/[" + _FIRST + rb"][." + _FIRST + rb"]*)+/?")
_RESPELLED = re.compile(rb"%([0-9A-Fa-f]{2})|[^/" + re.escape(_SEGMENT_BYTES) + rb"]")
_SLASH_TWINS = re.compile(rb"%2F|%5C")
_PARAMETERS = re.compile(rb";[^/]*")
_SLASHES = re.compile(rb"//+")
_AUTHORITY_END = re.compile(rb"[/?]")


def split_target(target: bytes) -> tuple[bytes, bytes]:
    """Cut a raw target into path and query, without the `?`.

    Absolute-form (`http://h/p?q`) loses scheme and authority.
    """
    path, _, query = (target if target[:1] == b"/" else _origin_form(target)).partition(b"?")
    return path, query


def _origin_form(target: bytes) -> bytes:
    _, separator, rest = target.partition(b"://")
    if not separator:
        return target
    end = _AUTHORITY_END.search(rest)
    return b"/" + (rest[end.start() :].removeprefix(b"/") if end else b"")


def is_plain(path: bytes) -> bool:
    """Whether a path is canonical already and every server reads it in one way: the common case, and cheap to see."""
    return _PLAIN.fullmatch(path) is not None


def canonical(path: bytes) -> bytes:
    """Spell a path in one way: what may stand bare is bare, all else is %XX in capitals.

    `%2F` stays: it is not a `/` to all.
    """
    return _RESPELLED.sub(_respell, path)


def _respell(found: re.Match[bytes]) -> bytes:
    byte = int(found[1], 16) if found[1] else found[0][0]
    return bytes([byte]) if byte in _SEGMENT_BYTES else b"%%%02X" % byte


def readings(path: bytes) -> tuple[bytes, ...]:
    """All the paths that a server could take this one for, the literal one first; empty if it is no path at all.

    Servers differ in whether they decode `%2F` and `\\`, drop `;parameters`, merge slashes and resolve dot segments. At
    most 16 readings. `*` (OPTIONS *) has itself as its only reading.
    """
    if path == b"*":
        return (path,)
    if path[:1] != b"/" or b"#" in path:
        return ()
    found = [canonical(path)]
    for reread in (_with_slashes, _without_parameters, _merged, _without_dots):
        found = list(dict.fromkeys([*found, *map(reread, found)]))
    return tuple(found)


def _with_slashes(path: bytes) -> bytes:
    return _SLASH_TWINS.sub(b"/", path)


def _without_parameters(path: bytes) -> bytes:
    return _PARAMETERS.sub(b"", path)


def _merged(path: bytes) -> bytes:
    return _SLASHES.sub(b"/", path)


def _without_dots(path: bytes) -> bytes:
    kept: list[bytes] = []
    segments = path.split(b"/")[1:]
    for segment in segments:
        if segment == b"..":
            del kept[-1:]
        elif segment != b".":
            kept.append(segment)
    if segments[-1] in (b".", b".."):
        kept.append(b"")
    return b"/" + b"/".join(kept)


def query_values(query: bytes) -> dict[bytes, bytes]:
    """Read a query as a form does: decoded names to decoded values.

    The first of several equal names counts (Gateway API).
    """
    values: dict[bytes, bytes] = {}
    for pair in query.split(b"&"):
        name, _, value = pair.replace(b"+", b" ").partition(b"=")
        values.setdefault(unquote_to_bytes(name), unquote_to_bytes(value))
    return values
