"""The copy of a request that the shadow gets. Pure.

Law of this file: the copy says what the client said, in its order and case, and that it is a copy. Dropped is what
concerned the client's own connection, what was settled there (Expect, our control fields), the framing of a body that
is whole now, and the client's idempotency key: where both systems share a database, the key would tie the copy to the
payment. Fields are known by their folded names, as the server behind may fold them.
"""

from dataclasses import replace

from proxy.messages import Headers, Request
from proxy.routing.route import Backend
from proxy.shadow.guard import folded

_HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
)
_SETTLED = frozenset({b"expect", b"proxy-authorization", b"http2-settings", b"idempotency-key"})
_CONTROL = b"x-strangler-"
_NEVER_NAMED = frozenset({b"host", b"content-length"})


def marked_copy(request: Request, backend: Backend) -> Request:
    """The request for `backend`: marked, below its base path, with the Host that its policy says.

    At most one Content-Length remains, that of the client; a sender adds framing if there is a body and none remains.
    """
    dropped = _HOP_BY_HOP | _SETTLED | _named_by_connection(request.headers)
    kept = [(name, value) for name, value in request.headers if not _is_dropped(folded(name), dropped)]
    headers = (*_with_host(kept, backend.host_header), (b"X-Strangler-Shadow", b"1"))
    return replace(request, target=_below(backend.base_path, request.target), headers=headers)


def _is_dropped(name: bytes, dropped: frozenset[bytes]) -> bool:
    return name in dropped or name.startswith(_CONTROL)


def _named_by_connection(headers: Headers) -> frozenset[bytes]:
    values = b",".join(value for name, value in headers if name.lower() == b"connection")
    return frozenset(folded(token.strip(b" \t")) for token in values.split(b",")) - _NEVER_NAMED


def _with_host(headers: list[tuple[bytes, bytes]], host: bytes | None) -> list[tuple[bytes, bytes]]:
    if not any(name.lower() == b"host" for name, _ in headers):
        return [(b"Host", host or b"localhost"), *headers]
    if host is None:
        return headers
    return [(name, host if name.lower() == b"host" else value) for name, value in headers]


def _below(base_path: str, target: bytes) -> bytes:
    return base_path.encode() + target if target.startswith(b"/") else target
