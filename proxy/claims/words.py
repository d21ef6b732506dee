"""What a worker and the claims service say to each other: one frame each, on a unix socket.

Law of this file: every message of a worker has a number and is answered by it, when what it asks for is on disk. A
message that comes twice changes nothing the second time. No key and no id is in one, only keyed digests.
"""

import struct
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from proxy.messages import System

MAX_FRAME: Final = 256 * 1024
"""Bytes of a frame; no message is as long."""
MAX_REFS: Final = 64
"""Ids that one request may name, and one answer may give out."""


class Ref(Struct, frozen=True, array_like=True):
    """An entity that a request names: its id as a digest, and whose it is when nobody knows."""

    entity: str
    id: str
    unknown: System


class Hello(Struct, frozen=True, array_like=True, tag="hello"):
    """The first message. `life`: of the worker, which no other one has."""

    life: str


class Bid(Struct, frozen=True, array_like=True, tag="bid"):
    """A request that is about to be sent. `key`: the digest of its idempotency key, empty without one; `token` stands
    for the key before people; `system`: who gets it if nothing binds it; `ttl`: seconds; `is_bound`: it was sent
    already, while the service could not be reached.
    """

    number: int
    key: str
    token: str
    system: System
    legacy: str
    candidate: str | None
    route: str
    ttl: float
    refs: tuple[Ref, ...] = ()
    is_bound: bool = False

    def backend(self, system: System) -> str | None:
        return self.legacy if system is System.LEGACY else self.candidate


class Ending(StrEnum):
    """What became of a request that had claimed."""

    UNSENT = "unsent"  # provably
    SENT = "sent"
    UNKNOWN = "unknown"  # sent, and no true answer came


class Settled(Struct, frozen=True, array_like=True, tag="settled"):
    """`bid`: the number of what has ended; `body`: the digest of what was sent, empty if it is not known."""

    number: int
    bid: Bid
    system: System
    backend: str
    ending: Ending
    body: str = ""
    detail: str = ""


class Own(Struct, frozen=True, array_like=True, tag="own"):
    """A system has created entities: their ids and aliases."""

    number: int
    refs: tuple[Ref, ...]
    system: System
    backend: str


class Denial(StrEnum):
    """Why a request may be sent to nobody."""

    TWO_OWNERS = "two-owners"
    DISPUTED = "disputed-owner"
    NO_BACKEND = "no-backend"
    FULL = "claims-full"
    UNREACHABLE = "claims-unreachable"


class Granted(Struct, frozen=True, array_like=True, tag="granted"):
    """The request goes to this backend, and to no other. `bound_by`: what decided."""

    number: int
    system: System
    backend: str
    bound_by: "Bound"


class Bound(StrEnum):
    """What a request's system was decided by."""

    PLAN = "plan"
    PIN = "pin"
    OWNER = "owner"


class Denied(Struct, frozen=True, array_like=True, tag="denied"):
    number: int
    why: Denial


class Done(Struct, frozen=True, array_like=True, tag="done"):
    number: int


Said: TypeAlias = Hello | Bid | Settled | Own
Reply: TypeAlias = Granted | Denied | Done

_LENGTH: Final = struct.Struct(">I")
_encoder = msgspec.msgpack.Encoder()
_said = msgspec.msgpack.Decoder(Said)
_reply = msgspec.msgpack.Decoder(Reply)


class FrameError(ValueError):
    """These bytes are no message of ours."""


def frame(message: Said | Reply) -> bytes:
    payload = _encoder.encode(message)
    return _LENGTH.pack(len(payload)) + payload


class Frames:
    """Cuts a stream of bytes into payloads."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = bytearray()

    def take(self, data: bytes) -> Iterator[bytes]:
        """The payloads that are whole now. FrameError for one that is too long."""
        self._rest += data
        while len(self._rest) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._rest)
            if length > MAX_FRAME:
                raise FrameError(f"a frame of {length} bytes")
            end = _LENGTH.size + length
            if len(self._rest) < end:
                return
            payload = bytes(self._rest[_LENGTH.size : end])
            del self._rest[:end]
            yield payload


def said(payload: bytes) -> Said:
    """FrameError for anything else."""
    try:
        message: Said = _said.decode(payload)
        return message
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as fault:
        raise FrameError(str(fault)) from None


def reply(payload: bytes) -> Reply:
    """FrameError for anything else."""
    try:
        message: Reply = _reply.decode(payload)
        return message
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as fault:
        raise FrameError(str(fault)) from None
