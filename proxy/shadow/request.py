"""The copy of a request that the shadow gets. Pure.

Law of this file: the copy says what the client said and that it is a copy. Dropped are our own control fields and the
client's idempotency key: where both systems share a database, the key would tie the copy to the payment. A write gets a
key derived from it instead: what the client repeats, the sandbox sees repeated. Fields are known by their folded names,
as the server behind may fold them. What a hop drops and adds is the sender's part, as for the primary.
"""

import hmac

from msgspec.structs import replace

from proxy.messages import Exchange, Request, folded
from proxy.routing.bearer import bearer_claims, claim

_KEY = b"idempotency-key"
_CONTROL = b"x-strangler-"


def marked_copy(request: Request, key: bytes | None = None) -> Request:
    """The request, marked and without what is not to be copied. `key`: the idempotency key that it gets."""
    kept = tuple(field for field in request.headers if not _is_dropped(folded(field[0])))
    own = ((b"Idempotency-Key", key),) if key is not None else ()
    return replace(request, headers=(*kept, *own, (b"X-Strangler-Shadow", b"1")))


def derived_key(exchange: Exchange, secret: bytes) -> bytes:
    """The idempotency key of a write's copy: of the client's key and, if its token says it, of whom it is; or of the
    exchange if it has none. Never of a credential, which is another one in the next try. From one key the other cannot
    be told.
    """
    headers = exchange.request.headers
    said = [value for name, value in headers if folded(name) == _KEY]
    whose = claim(bearer_claims(headers), "sub") or b""
    parts = [b"client", whose, *said] if said else [b"exchange", exchange.id.encode()]
    return b"strangler-" + hmac.new(secret, b"\0".join([b"key", *parts]), "sha256").hexdigest()[:40].encode()


def _is_dropped(name: bytes) -> bool:
    return name == _KEY or name.startswith(_CONTROL)
