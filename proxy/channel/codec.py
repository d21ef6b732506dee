"""Exchange and Tally <-> one frame of bytes: a header of six bytes (version, kind, length), then a MessagePack array.

Law of this file: what is decoded equals what was encoded, and whatever else the bytes may be is a CodecError. Messages
go in and come out as they are, in one call each way, because the worker encodes on the way of a payment.
"""

import struct
from typing import TypeAlias

import msgspec

from proxy.channel.tally import Tally
from proxy.messages import Exchange

Message: TypeAlias = Exchange | Tally

VERSION = 3
HEADER_SIZE = 6
MAX_FRAME = 4 * 1024 * 1024
"""Bytes of one frame, header included, unless the caller states another bound."""

_HEADER = struct.Struct(">BBI")
_EXCHANGE, _TALLY = 1, 2

_encoder = msgspec.msgpack.Encoder()
_decoders: dict[int, msgspec.msgpack.Decoder[Exchange] | msgspec.msgpack.Decoder[Tally]] = {
    _EXCHANGE: msgspec.msgpack.Decoder(Exchange),
    _TALLY: msgspec.msgpack.Decoder(Tally),
}


class CodecError(ValueError):
    """These bytes are not a frame of ours, or this message has no frame. The text names the defect and no content."""


def encode(message: Message) -> bytes:
    """The frame of one message. CodecError for text that is not Unicode or a number beyond 64 bits."""
    try:
        payload = _encoder.encode(message)
        return _HEADER.pack(VERSION, _EXCHANGE if isinstance(message, Exchange) else _TALLY, len(payload)) + payload
    except (UnicodeError, OverflowError, struct.error) as error:
        raise CodecError(f"message cannot be put in a frame: {type(error).__name__}") from None


def decode(frame: bytes) -> Message:
    """The message of one whole frame; CodecError for anything else."""
    if len(frame) < HEADER_SIZE or payload_length(frame[:HEADER_SIZE], len(frame)) != len(frame) - HEADER_SIZE:
        raise CodecError(f"not one whole frame: {len(frame)} bytes")
    try:
        return _decoders[frame[1]].decode(memoryview(frame)[HEADER_SIZE:])
    except (msgspec.MsgspecError, UnicodeError, OverflowError, RecursionError) as error:
        raise CodecError(f"frame does not hold a message: {type(error).__name__}") from None


def payload_length(header: bytes, max_frame: int = MAX_FRAME) -> int:
    """How many bytes follow this header of HEADER_SIZE bytes; CodecError if it is not ours or too large."""
    version, kind, length = _HEADER.unpack(header)
    if version != VERSION:
        raise CodecError(f"frame of version {version}, expected {VERSION}")
    if kind not in _decoders:
        raise CodecError(f"frame of unknown kind {kind}")
    if length > max_frame - HEADER_SIZE:
        raise CodecError(f"frame of {length} bytes is over the bound of {max_frame}")
    return int(length)
