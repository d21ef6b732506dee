"""Who holds what, as the store keeps it: pinned keys, owned entities, outcomes that nobody knows.

Law of this file: no key and no id stands here in clear, only keyed digests, and a token by which a person can tell two
apart. Times are Unix seconds.
"""

from enum import StrEnum

from msgspec import Struct

from proxy.messages import System


class PinState(StrEnum):
    """How far the requests of a pinned key have come."""

    RESERVED = "reserved"  # bound, and nothing is known to have been sent
    SENT = "sent"
    UNKNOWN = "unknown"  # sent, and no true answer came


class PinRow(Struct, frozen=True):
    """One key. `key`: its digest, scope included; `holders`: the requests that are on their way with it; `body`: the
    digest of the first body that was sent, empty until then.
    """

    key: str
    token: str
    system: System
    backend: str
    route: str
    state: PinState
    body: str
    holders: tuple[str, ...]
    created: float
    expires: float


class OwnerRow(Struct, frozen=True):
    """One id of an entity, or an alias of it, as a digest. `is_disputed`: both systems say that it is theirs."""

    id: str
    entity: str
    system: System
    backend: str
    is_disputed: bool
    at: float


class UnknownRow(Struct, frozen=True):
    """A write that was sent and got no true answer. `holder`: the request; `resolution`: what an operator found out."""

    holder: str
    token: str
    system: System
    backend: str
    route: str
    detail: str
    at: float
    resolution: str | None = None
    resolved_by: str | None = None
    resolved_at: float | None = None


class Recording(Struct, frozen=True):
    """Since when the writes of a route have been pinned by one rule. `rule`: its text, another one begins anew."""

    route: str
    rule: str
    since: float
