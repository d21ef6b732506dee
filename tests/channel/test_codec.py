import struct
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.channel.codec import HEADER_SIZE, MAX_FRAME, VERSION, CodecError, decode, encode, payload_length
from proxy.channel.tally import Tally
from proxy.messages import (
    Exchange,
    Failure,
    FailureKind,
    Hop,
    Observation,
    Plan,
    Request,
    Response,
    Stage,
    System,
)

finite = st.floats(allow_nan=False)
headers = st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=20)), max_size=5).map(tuple)
requests = st.builds(Request, st.binary(), st.binary(), headers, st.binary())
responses = st.builds(Response, st.integers(100, 999), st.binary(), headers, st.binary())
failures = st.builds(Failure, st.sampled_from(FailureKind), st.booleans(), st.text())
plans = st.builds(
    Plan,
    st.text(),
    st.sampled_from(Stage),
    st.sampled_from(System),
    st.text(),
    st.none() | st.text(),
    st.text(),
)
observations = st.builds(Observation, st.sampled_from(System), st.text(), responses | failures, finite)
hops = st.builds(Hop, st.binary(max_size=20), st.booleans(), st.booleans())
exchanges = st.builds(Exchange, st.text(), finite, st.text(), hops, requests, plans, observations)
counts = st.lists(st.tuples(st.text(), st.text(), st.integers(0, 2**63 - 1)), max_size=5).map(tuple)
tallies = st.builds(Tally, st.text(), finite, counts)


@given(exchanges | tallies)
def test_what_is_decoded_equals_what_was_encoded(message: Exchange | Tally) -> None:
    frame = encode(message)
    assert decode(frame) == message
    assert payload_length(frame[:HEADER_SIZE]) == len(frame) - HEADER_SIZE


@given(st.binary(max_size=200))
def test_any_other_bytes_are_a_codec_error(noise: bytes) -> None:
    for frame in (noise, struct.pack(">BBI", VERSION, 1, len(noise)) + noise):
        with pytest.raises(CodecError):
            decode(frame)


@given(exchanges | tallies, st.data())
def test_a_damaged_frame_is_another_message_or_a_codec_error(message: Exchange | Tally, data: st.DataObject) -> None:
    frame = bytearray(encode(message))
    frame[data.draw(st.integers(0, len(frame) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(CodecError):
        assert isinstance(decode(bytes(frame)), Exchange | Tally)


@given(exchanges, st.data())
def test_a_cut_frame_is_a_codec_error(exchange: Exchange, data: st.DataObject) -> None:
    frame = encode(exchange)
    with pytest.raises(CodecError):
        decode(frame[: data.draw(st.integers(0, len(frame) - 1))])


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ((VERSION + 1, 1, 10), f"version {VERSION + 1}"),
        ((VERSION, 9, 10), "kind 9"),
        ((VERSION, 1, MAX_FRAME), "over the bound"),
    ],
)
def test_a_foreign_header_is_refused_before_its_payload_is_read(header: tuple[int, int, int], text: str) -> None:
    with pytest.raises(CodecError, match=text):
        payload_length(struct.pack(">BBI", *header))


@pytest.mark.parametrize(
    "outcome",
    [
        ["response", 200, b"", [], b"", "more"],
        ["response", 200, b"", []],
        ["failure", 200, b"", [], b""],
        ["another", "reset", True, ""],
        [["response", 200, b"", [], b""], ["failure", "reset", True, ""]],
        None,
    ],
)
def test_an_outcome_is_one_response_or_one_failure_and_nothing_more(outcome: object) -> None:
    fields = [
        *("id", 1.0, "table"),
        (b"192.0.2.7", False, False),
        (b"GET", b"/", (), b""),
        ("route", "shadow", "legacy", "backend", None, "reason"),
        ("legacy", "backend", outcome, 0.1),
    ]
    payload = msgspec.msgpack.encode(fields)
    with pytest.raises(CodecError, match="does not hold a message"):
        decode(struct.pack(">BBI", VERSION, 1, len(payload)) + payload)


@pytest.mark.parametrize("counts", [(("\ud800", "", 1),), (("", "", 2**70),)])
def test_what_has_no_frame_is_a_codec_error(counts: tuple[tuple[str, str, int], ...]) -> None:
    with pytest.raises(CodecError):
        encode(Tally("worker-1", 1.0, counts))
