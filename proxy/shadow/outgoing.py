"""What leaves for a sandbox in place of what the client sent: no real card, customer or partner, and credentials and a
signature of the sandbox's own.

Law of this file: a copy that cannot be made harmless, or not be made to be believed, is not sent, and that is said. No
secret is ever in a reason.
"""

import base64
import hmac
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from proxy.messages import Exchange, Request, folded
from proxy.routing.asked import Asked, Source
from proxy.routing.route import Backend, Effects
from proxy.routing.sandbox import CardData, MapCredentials, Resign, Scheme, SetCredentials
from proxy.shadow.cards import Hidden, Substitutes, holds_card, stand_ins
from proxy.shadow.ports import Secrets
from proxy.shadow.substitution import changed_request

CREDENTIALS: Final = frozenset({b"authorization", b"proxy-authorization", b"cookie", b"cookie2", b"x-api-key"})
"""Headers that say who a client is, by their folded names: none of them goes to a sandbox that has its own."""

_SOURCES: Final = {"header": Source.HEADER, "cookie": Source.COOKIE, "query": Source.QUERY, "jwt": Source.CLAIM}


class Withheld(StrEnum):
    """Why a copy is not sent."""

    CARD_DATA = "card-data"  # it holds a card number, or whether it does cannot be told
    CREDENTIALS = "credentials"  # there are none for its merchant, or their place cannot be read
    SIGNED = "signed"  # its body was changed, and it cannot be signed anew


class Outgoing:
    """Makes copies fit for sandboxes. `clock`: Unix seconds, for signatures."""

    def __init__(self, substitutes: Substitutes, secrets: Secrets, clock: Callable[[], float]) -> None:
        self._substitutes, self._secrets, self._clock = substitutes, secrets, clock

    def fit(self, copy: Request, exchange: Exchange, backend: Backend) -> Request | Withheld:
        """The copy of an exchange's request as the sandbox may have it. A live backend gets it as it is."""
        if backend.effects is not Effects.SANDBOX:
            return copy
        harmless = self._harmless(copy, backend.card_data)
        if isinstance(harmless, Withheld):
            return harmless
        known = self._credited(harmless, exchange, backend)
        if isinstance(known, Withheld) or backend.resign is None:
            return known
        return self._signed(known, exchange.request.body, backend.resign)

    def _harmless(self, copy: Request, policy: CardData) -> Request | Withheld:
        try:
            if policy is CardData.SUBSTITUTE:
                return changed_request(copy, stand_ins(copy, self._substitutes))
            return Withheld.CARD_DATA if policy is CardData.REFUSE and holds_card(copy) else copy
        except Hidden:
            return Withheld.CARD_DATA

    def _credited(self, copy: Request, exchange: Exchange, backend: Backend) -> Request | Withheld:
        match backend.credentials:
            case None:
                return copy
            case SetCredentials(headers):
                values = [(name, self._secrets.of_environment(variable)) for name, variable in headers]
            case MapCredentials() as place:
                merchant = _merchant(exchange, place)
                secret = self._secrets.of_merchant(place.file, merchant) if merchant is not None else None
                values = [(place.header, secret)]
        fields = [(name.encode(), value.encode()) for name, value in values if value is not None]
        if len(fields) < len(values):
            return Withheld.CREDENTIALS
        dropped = CREDENTIALS | {folded(name) for name, _ in fields}
        kept = [field for field in copy.headers if folded(field[0]) not in dropped]
        return replace(copy, headers=(*kept, *fields))

    def _signed(self, copy: Request, before: bytes, resign: Resign) -> Request | Withheld:
        name = folded(resign.header.encode())
        if not any(folded(key) == name for key, _ in copy.headers):
            return copy
        secret = self._secrets.of_environment(resign.secret) if resign.secret is not None else None
        if secret is None:
            return copy if copy.body == before else Withheld.SIGNED
        value = signature(copy.body, secret.encode(), resign.scheme, int(self._clock()))
        fields = tuple((key, value if folded(key) == name else said) for key, said in copy.headers)
        return replace(copy, headers=fields)


def signature(body: bytes, secret: bytes, scheme: Scheme, now: int) -> bytes:
    """A header's value that signs the body. `now`: Unix seconds, for schemes that sign the time."""
    match scheme:
        case Scheme.HEX:
            return hmac.new(secret, body, "sha256").hexdigest().encode()
        case Scheme.BASE64:
            return base64.b64encode(hmac.digest(secret, body, "sha256"))
        case Scheme.STRIPE:
            digest = hmac.new(secret, b"%d." % now + body, "sha256").hexdigest()
            return f"t={now},v1={digest}".encode()


def _merchant(exchange: Exchange, place: MapCredentials) -> str | None:
    kind, _, name = place.merchant.partition(":")
    request = exchange.request
    source = _SOURCES.get(kind)
    if source is None:
        return None
    value = Asked(request.target, request.headers).value(source, (name.lower() if kind == "header" else name).encode())
    return value.decode(errors="replace") if value else None
