"""What a sandbox is told in place of what clients say, and how it shows that it is one: frozen data.

Law of this file: no secret is here, only the names of environment variables and of files that hold one.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class ByHeader:
    """Every answer of it, also the one to a probe, has this header with this value."""

    header: str
    value: str


@dataclass(frozen=True, slots=True)
class ByProbe:
    """Its answer to GET `path` holds this text."""

    path: bytes
    contains: bytes


@dataclass(frozen=True, slots=True)
class ByOperator:
    """It cannot show it; whoever wrote the table vouches for it."""


Attest: TypeAlias = ByHeader | ByProbe | ByOperator


class CardData(StrEnum):
    """What happens to a copy with card numbers: it is not sent, test numbers stand in, or it goes as it is."""

    REFUSE = "refuse"
    SUBSTITUTE = "substitute"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class SetCredentials:
    """Headers, and the environment variables that hold their values, in place of the client's credentials."""

    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MapCredentials:
    """A JSON file of merchant -> the value of `header`; `merchant`: where a request says whose it is."""

    file: str
    merchant: str
    header: str


Credentials: TypeAlias = SetCredentials | MapCredentials


class Scheme(StrEnum):
    """How a signature is made of a body and a secret: HMAC-SHA-256 as hex digits or base64; or as Stripe signs, by
    `t=SECONDS,v1=HEX` over `SECONDS.BODY`.
    """

    HEX = "hmac-sha256-hex"
    BASE64 = "hmac-sha256-base64"
    STRIPE = "stripe"


@dataclass(frozen=True, slots=True)
class Resign:
    """The header that holds a body's signature, and how it is made anew; no `secret`: it cannot be. `secret`: the name
    of an environment variable.
    """

    header: str
    scheme: Scheme = Scheme.HEX
    secret: str | None = None
