"""Locations: two URLs are the same place if they differ only in that each names its own system.

Law of this file: only a host by which a system is called itself stands for another; any other is compared as it is. A
URL without a host is on the system's own (RFC 9110, section 10.2.2). The scheme counts where both say one.
"""

import re
from collections.abc import Collection

_ABSOLUTE = re.compile(rb"(https?)://([^/?#@]*)([/?#].*)?", re.IGNORECASE | re.DOTALL)
_PORTS = {b"http": b":80", b"https": b":443"}

OWN_HOST = "each system's own host"
"""The built-in rule that excuses the host."""


def same_place(legacy: bytes, candidate: bytes, ours: Collection[bytes], theirs: Collection[bytes]) -> bool:
    """Whether two values of Location lead to the same place. `ours`, `theirs`: authorities, in lower case, by which
    legacy and the candidate are called.
    """
    one, other = _place(legacy, ours), _place(candidate, theirs)
    if one is None or other is None or one[1] != other[1]:
        return False
    return one[0] == other[0] or b"" in (one[0], other[0])


def _place(location: bytes, hosts: Collection[bytes]) -> tuple[bytes, bytes] | None:
    """The scheme, or nothing, and what comes after the host, of a URL on one of `hosts`."""
    if location.startswith(b"/") and not location.startswith((b"//", b"/\\")):
        return b"", location
    found = _ABSOLUTE.fullmatch(location)
    if found is None:
        return None
    scheme, authority = found[1].lower(), found[2].lower().removesuffix(_PORTS[found[1].lower()])
    if authority not in {host.removesuffix(_PORTS[scheme]) for host in hosts}:
        return None
    rest = found[3] or b"/"
    return scheme, rest if rest.startswith(b"/") else b"/" + rest
