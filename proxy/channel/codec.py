"""Exchange and Tally <-> one frame of bytes: a header of six bytes (version, kind, length), then a MessagePack array.

Law of this file: what is decoded equals what was encoded, and whatever else the bytes may be is a CodecError. Plain
tuples go in and typed tuples come out, because the worker encodes on the way of a payment: no names, no objects.
"""

import struct
from typing import TypeAlias

import msgspec

from proxy.channel.tally import Counts, Tally
from proxy.messages import (
    Exchange,
    Failure,
    FailureKind,
    Headers,
    Hop,
    Observation,
    Plan,
    Request,
    Response,
    Stage,
    System,
)

Message: TypeAlias = Exchange | Tally

VERSION = 1
HEADER_SIZE = 6
MAX_FRAME = 4 * 1024 * 1024
"""Bytes of one frame, header included, unless the caller states another bound."""

_HEADER = struct.Struct(">BBI")
_EXCHANGE, _TALLY = 1, 2

_HopTuple: TypeAlias = tuple[bytes, bool, bool]
_RequestTuple: TypeAlias = tuple[bytes, bytes, Headers, bytes]
_PlanTuple: TypeAlias = tuple[str, Stage, System, str, str | None, str]
_PrimaryTuple: TypeAlias = tuple[System, str, float]
_ResponseTuple: TypeAlias = tuple[int, bytes, Headers, bytes]
_FailureTuple: TypeAlias = tuple[FailureKind, bool, str]
_ExchangeTuple: TypeAlias = tuple[
    str, float, str, _HopTuple, _RequestTuple, _PlanTuple, _PrimaryTuple, _ResponseTuple | None, _FailureTuple | None
]
_TallyTuple: TypeAlias = tuple[str, float, Counts]

_encoder = msgspec.msgpack.Encoder()
_exchanges = msgspec.msgpack.Decoder(_ExchangeTuple)
_tallies = msgspec.msgpack.Decoder(_TallyTuple)


class CodecError(ValueError):
    """These bytes are not a frame of ours, or this message has no frame. The text names the defect and no content."""


def encode(message: Message) -> bytes:
    """The frame of one message. CodecError for text that is not Unicode or a number beyond 64 bits."""
    kind, fields = (_EXCHANGE, _flat(message)) if isinstance(message, Exchange) else (_TALLY, _flat_tally(message))
    try:
        payload = _encoder.encode(fields)
        return _HEADER.pack(VERSION, kind, len(payload)) + payload
    except (UnicodeError, OverflowError, struct.error) as error:
        raise CodecError(f"message cannot be put in a frame: {type(error).__name__}") from None


def decode(frame: bytes) -> Message:
    """The message of one whole frame; CodecError for anything else."""
    if len(frame) < HEADER_SIZE or payload_length(frame[:HEADER_SIZE], len(frame)) != len(frame) - HEADER_SIZE:
        raise CodecError(f"not one whole frame: {len(frame)} bytes")
    try:
        return _decode_payload(frame[1], memoryview(frame)[HEADER_SIZE:])
    except (msgspec.MsgspecError, UnicodeError, OverflowError, RecursionError) as error:
        raise CodecError(f"frame does not hold a message: {type(error).__name__}") from None


def payload_length(header: bytes, max_frame: int = MAX_FRAME) -> int:
    """How many bytes follow this header of HEADER_SIZE bytes; CodecError if it is not ours or too large."""
    version, kind, length = _HEADER.unpack(header)
    if version != VERSION:
        raise CodecError(f"frame of version {version}, expected {VERSION}")
    if kind not in (_EXCHANGE, _TALLY):
        raise CodecError(f"frame of unknown kind {kind}")
    if length > max_frame - HEADER_SIZE:
        raise CodecError(f"frame of {length} bytes is over the bound of {max_frame}")
    return int(length)


def _decode_payload(kind: int, payload: memoryview) -> Message:
    if kind == _TALLY:
        return Tally(*_tallies.decode(payload))
    id_, started_at, table, hop, request, plan, primary, response, failure = _exchanges.decode(payload)
    observation = Observation(primary[0], primary[1], _outcome(response, failure), primary[2])
    return Exchange(id_, started_at, table, Hop(*hop), Request(*request), Plan(*plan), observation)


def _outcome(response: _ResponseTuple | None, failure: _FailureTuple | None) -> Response | Failure:
    if response is not None and failure is None:
        return Response(*response)
    if failure is not None and response is None:
        return Failure(*failure)
    raise CodecError("frame must hold a response or a failure, and not both")


def _flat(exchange: Exchange) -> _ExchangeTuple:
    request, plan, primary, outcome = exchange.request, exchange.plan, exchange.primary, exchange.primary.outcome
    response = failure = None
    if isinstance(outcome, Response):
        response = (outcome.status, outcome.reason, outcome.headers, outcome.body)
    else:
        failure = (outcome.kind, outcome.maybe_sent, outcome.detail)
    return (
        exchange.id,
        exchange.started_at,
        exchange.table,
        (exchange.hop.client, exchange.hop.trusted, exchange.hop.secure),
        (request.method, request.target, request.headers, request.body),
        (plan.route, plan.stage, plan.primary, plan.backend, plan.shadow, plan.reason),
        (primary.system, primary.backend, primary.seconds),
        response,
        failure,
    )


def _flat_tally(tally: Tally) -> _TallyTuple:
    return (tally.source, tally.at, tally.counts)
