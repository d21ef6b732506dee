"""The copy of a request that the shadow gets. Pure.

Law of this file: the copy says what the client said and that it is a copy. Dropped are our own control fields and the
client's idempotency key: where both systems share a database, the key would tie the copy to the payment. Fields are
known by their folded names, as the server behind may fold them. What a hop drops and adds is the sender's part, as for
the primary.
"""

from msgspec.structs import replace

from proxy.messages import Request, folded

_KEY = b"idempotency-key"
_CONTROL = b"x-strangler-"


def marked_copy(request: Request) -> Request:
    """The request, marked and without what is not to be copied."""
    kept = tuple(field for field in request.headers if not _is_dropped(folded(field[0])))
    return replace(request, headers=(*kept, (b"X-Strangler-Shadow", b"1")))


def _is_dropped(name: bytes) -> bool:
    return name == _KEY or name.startswith(_CONTROL)
