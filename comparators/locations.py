"""Locations: two URLs are the same place if they differ only in that each names its own system, and things by the ids
that this system gave them.

Law of this file: only a host by which a system is called itself stands for another; any other is compared as it is. A
URL without a host is on the system's own (RFC 9110, section 10.2.2). The scheme counts where both say one. An id is a
whole part of the path, the query or the fragment, and stands for another only if the bodies have bound the two.
"""

import re
from collections.abc import Callable, Collection
from typing import TypeAlias
from urllib.parse import unquote

_ABSOLUTE = re.compile(rb"(https?)://([^/?#@]*)([/?#].*)?", re.IGNORECASE | re.DOTALL)
_PORTS = {b"http": b":80", b"https": b":443"}

_SIGN = re.compile(rb"([/?&=#])")

OWN_HOST = "each system's own host"
"""The built-in rule that excuses the host."""

TWINS = "twins of the body"
"""The built-in rule that excuses ids."""

Renamed: TypeAlias = Callable[[str, str], bool]
"""Whether an id of legacy and one of the candidate were found to be twins."""


def excuse(
    legacy: bytes, candidate: bytes, ours: Collection[bytes], theirs: Collection[bytes], renamed: Renamed
) -> str | None:
    """The built-in rule by which two values of Location lead to the same place, or None. `ours`, `theirs`: authorities,
    in lower case, by which legacy and the candidate are called.
    """
    one, other = _place(legacy, ours), _place(candidate, theirs)
    if one is None or other is None or (one[0] != other[0] and b"" not in (one[0], other[0])):
        return None
    if one[1] == other[1]:
        return OWN_HOST
    return TWINS if _is_renamed(_SIGN.split(one[1]), _SIGN.split(other[1]), renamed) else None


def _is_renamed(legacy: list[bytes], candidate: list[bytes], renamed: Renamed) -> bool:
    return len(legacy) == len(candidate) and all(
        ours == theirs or renamed(unquote(ours.decode("latin-1")), unquote(theirs.decode("latin-1")))
        for ours, theirs in zip(legacy, candidate, strict=True)
    )


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
