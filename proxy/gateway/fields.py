"""Which header fields go on, which are dropped, and which are added. Pure.

Law of this file: a field that goes on keeps its name's case, its value and its place. Dropped are hop-by-hop fields
and those that Connection names (RFC 9110, section 7.6.1), Expect (answered here), forwarding fields of a client that
is not trusted, our own control fields but the shadow marker, and spellings with an underscore that WSGI would fold
into any of these or into framing. Added are Via, X-Forwarded-For, -Proto and -Host, the last two as single values,
since Django refuses lists. The one thing that goes through a hop although it is hop-by-hop is the offer of WebSocket,
and its acceptance; both are spelled anew.
"""

from typing import Final

from proxy.messages import SHADOW_MARKER, Hop, RequestHead, ResponseHead

_CONTROL: Final = b"x-strangler-"
_HOP_BY_HOP: Final = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
)
_ANSWERED_HERE: Final = frozenset({b"expect", b"proxy-authorization", b"http2-settings"})
_FORWARDED: Final = frozenset({b"forwarded", b"x-real-ip"})
_REMEMBERED: Final = 4096
_NAME: Final = 64
"""Names that are remembered: so many, so long."""
_NONE: Final[frozenset[bytes]] = frozenset()
_NEVER_NAMED: Final = frozenset({b"close", b"keep-alive", b"", b"host", b"content-length", SHADOW_MARKER})
"""What Connection may not take away: framing, the host, and the mark of a copy."""
_USUAL: Final = frozenset({b"", b",keep-alive", b",close"})
_SWITCH: Final = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"


_KEEP: Final = 1
_DROP: Final = 2
_HOST: Final = 3
_LENGTH: Final = 4
_FORWARDING: Final = 5
_VIA: Final = 6
"""What is done with a field, by its name."""
_acts: Final[dict[bytes, int]] = {}
_answer_acts: Final[dict[bytes, int]] = {}
"""The names that are remembered: of requests, and of answers."""


def _act(name: bytes) -> int:
    act = _decide(name.lower())
    if len(_acts) < _REMEMBERED and len(name) <= _NAME:
        _acts[name] = act
    return act


def _decide(name: bytes) -> int:
    if b"_" in name:
        return _KEEP if _decide(name.replace(b"_", b"-")) == _KEEP else _DROP
    if name in _HOP_BY_HOP or name in _ANSWERED_HERE or (name.startswith(_CONTROL) and name != SHADOW_MARKER):
        return _DROP
    if name in _FORWARDED or name.startswith(b"x-forwarded-"):
        return _FORWARDING
    return {b"host": _HOST, b"content-length": _LENGTH, b"via": _VIA}.get(name, _KEEP)


def _answer_act(name: bytes) -> int:
    lower = name.lower()
    act = _DROP if lower in _HOP_BY_HOP else _LENGTH if lower == b"content-length" else _KEEP
    if len(_answer_acts) < _REMEMBERED and len(name) <= _NAME:
        _answer_acts[name] = act
    return act


def offers_websocket(head: RequestHead) -> bool:
    """Whether the offer of another protocol is passed on: WebSocket and no other, and not with a body to read first."""
    return head.method == b"GET" and head.version == b"1" and head.length == 0 and _names_websocket(head)


def accepts_websocket(head: ResponseHead) -> bool:
    return head.status == 101 and _names_websocket(head)


def _names_websocket(head: RequestHead | ResponseHead) -> bool:
    tokens = [token.strip(b" \t") for token in head.connection.split(b",")]
    protocols = [value.lower() for name, value in head.headers if name.lower() == b"upgrade"]
    return b"upgrade" in tokens and protocols == [b"websocket"]


def offering(raw: bytes) -> bytes:
    """A request head that offers WebSocket to the upstream."""
    return raw[:-2] + _SWITCH + raw[-2:]


def request_head(head: RequestHead, hop: Hop, host: bytes | None, base: bytes = b"") -> bytes:
    """The head that the upstream gets, framing included. `host`: what to say instead of the client's Host, or None;
    `base`: what goes before its path.
    """
    named = _named_by(head.connection)
    target = base + head.target if base and head.target[:1] == b"/" else head.target
    out = [b"%b %b HTTP/1.1\r\n" % (head.method, target)]
    said: bytes | None = None
    via = b""
    forwarded: dict[bytes, bytes] = {}
    for name, value in head.headers:
        act = _acts.get(name) or _act(name)
        if act == _KEEP:
            if not named or name.lower() not in named:
                out.append(b"%b: %b\r\n" % (name, value))
        elif act == _HOST:
            said = value
            out.append(b"%b: %b\r\n" % (name, value if host is None else host))
        elif act == _LENGTH:
            out.append(b"%b: %d\r\n" % (name, head.length or 0))
        elif act == _VIA:
            via += value + b", "
        elif act == _FORWARDING and hop.trusted:
            _collect(forwarded, name.lower(), value)
    if said is None:
        said = host or b"localhost"
        out.append(b"Host: %b\r\n" % said)
    out.append(_added(hop, head.version, said, via, forwarded))
    out.append(b"Transfer-Encoding: chunked\r\n\r\n" if head.length is None else b"\r\n")
    return b"".join(out)


def _collect(forwarded: dict[bytes, bytes], name: bytes, value: bytes) -> None:
    known = forwarded.get(name)
    forwarded[name] = value if known is None else known + b", " + value


def _added(hop: Hop, version: bytes, host: bytes, via: bytes, forwarded: dict[bytes, bytes]) -> bytes:
    """The lines that this hop adds."""
    scheme = b"https" if hop.secure else b"http"
    if not forwarded:
        return (
            b"X-Forwarded-For: %b\r\nX-Forwarded-Proto: %b\r\nX-Forwarded-Host: %b\r\nVia: %b1.%b strangler\r\n"
        ) % (hop.client, scheme, host, via, version)
    before = forwarded.pop(b"x-forwarded-for", None)
    proto = forwarded.pop(b"x-forwarded-proto", scheme).partition(b",")[0].strip()
    told = forwarded.pop(b"x-forwarded-host", host).partition(b",")[0].strip()
    rest = b"".join(b"%b: %b\r\n" % field for field in forwarded.items())
    chain = hop.client if before is None else before + b", " + hop.client
    return rest + _added(Hop(chain, False, proto == b"https"), version, told, via, {})


def _named_by(connection: bytes) -> frozenset[bytes]:
    """The fields that Connection names (RFC 9110, section 7.6.1), but for those it cannot name away."""
    if connection in _USUAL:
        return _NONE
    return frozenset(token.strip(b" \t") for token in connection.split(b",")) - _NEVER_NAMED


def _plain(number: bytes) -> bytes:
    """A Content-Length without zeros before it."""
    return number if number[:1] != b"0" else number.lstrip(b"0") or b"0"


def switching_fields(head: ResponseHead) -> bytes:
    """The lines of a 101 that the client gets."""
    return response_fields(head) + _SWITCH


def response_fields(head: ResponseHead) -> bytes:
    """The lines of an answer that the client gets; framing but for Content-Length is the connection's own."""
    named = _named_by(head.connection)
    out: list[bytes] = []
    for name, value in head.headers:
        act = _answer_acts.get(name) or _answer_act(name)
        if act == _KEEP:
            if not named or name.lower() not in named:
                out.append(b"%b: %b\r\n" % (name, value))
        elif act == _LENGTH and head.status >= 200 and head.status != 204:  # RFC 9110, section 8.6: else none may be
            out.append(b"%b: %b\r\n" % (name, _plain(value)))
    return b"".join(out)
