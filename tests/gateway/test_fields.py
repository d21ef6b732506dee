"""Which fields go on, which are dropped, which are added."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.gateway.fields import (
    Hop,
    accepts_websocket,
    offering,
    offers_websocket,
    request_head,
    response_fields,
    switching_fields,
)
from proxy.messages import Headers, RequestHead, ResponseHead

STRANGER = Hop(b"192.0.2.1", False, False)
TRUSTED = Hop(b"10.0.0.1", True, False)
ADDED = (
    b"X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: pay.example\r\n"
    b"Via: 1.1 strangler\r\n\r\n"
)


def said(headers: Headers) -> bytes:
    """What Connection says, as a head that was read holds it."""
    return b"".join(b"," + value.lower() for name, value in headers if name.lower() == b"connection")


def head(*headers: tuple[bytes, bytes], length: int | None = 0, version: bytes = b"1") -> RequestHead:
    fields = ((b"Host", b"pay.example"), *headers)
    return RequestHead(b"GET", b"/x", version, fields, length, True, False, said(headers))


def lines(raw: bytes) -> list[bytes]:
    return raw.split(b"\r\n")[2:-2]


@pytest.mark.parametrize(
    "dropped",
    [
        (b"Connection", b"keep-alive"),
        (b"KEEP-ALIVE", b"timeout=5"),
        (b"TE", b"trailers"),
        (b"Trailer", b"X"),
        (b"Upgrade", b"h2c"),
        (b"HTTP2-Settings", b"AAA"),
        (b"Expect", b"100-continue"),
        (b"Proxy-Authorization", b"Basic x"),
        (b"Proxy-Connection", b"keep-alive"),
        (b"X-Strangler-Debug", b"1"),
        (b"Content_Length", b"5"),
        (b"Transfer_Encoding", b"chunked"),
        (b"X_Forwarded_For", b"6.6.6.6"),
        (b"X-Forwarded-For", b"6.6.6.6"),
        (b"X-Forwarded-Proto", b"https"),
        (b"x-forwarded-host", b"evil.example"),
        (b"X-Real-IP", b"6.6.6.6"),
        (b"Forwarded", b"for=6.6.6.6"),
        (b"Host_", b"x"),
    ],
)
def test_a_strangers_hop_by_hop_and_forwarding_fields_do_not_go_on(dropped: tuple[bytes, bytes]) -> None:
    if dropped[0] == b"Host_":
        assert b"Host_: x\r\n" in request_head(head(dropped), STRANGER, None)
    else:
        assert request_head(head(dropped), STRANGER, None) == b"GET /x HTTP/1.1\r\nHost: pay.example\r\n" + ADDED


def test_fields_that_connection_names_do_not_go_on_but_host_and_length_cannot_be_named_away() -> None:
    raw = request_head(
        head((b"Connection", b"X-A, Host, content-length"), (b"x-a", b"1"), (b"X-B", b"2")), STRANGER, None
    )
    assert b"x-a" not in raw
    assert b"Host: pay.example\r\nX-B: 2\r\n" in raw


def test_a_trusted_proxys_word_is_kept_and_appended_to_with_single_values_for_proto_and_host() -> None:
    raw = request_head(
        head(
            (b"X-Forwarded-For", b"6.6.6.6"),
            (b"X-Forwarded-For", b"10.9.9.9"),
            (b"X-Forwarded-Proto", b"https, http"),
            (b"X-Forwarded-Host", b"shop.example"),
            (b"X-Real-IP", b"6.6.6.6"),
            (b"Via", b"1.0 edge"),
        ),
        TRUSTED,
        None,
    )
    assert lines(raw) == [
        b"x-real-ip: 6.6.6.6",
        b"X-Forwarded-For: 6.6.6.6, 10.9.9.9, 10.0.0.1",
        b"X-Forwarded-Proto: https",
        b"X-Forwarded-Host: shop.example",
        b"Via: 1.0 edge, 1.1 strangler",
    ]


@pytest.mark.parametrize(("length", "ending"), [(0, b"\r\n\r\n"), (None, b"Transfer-Encoding: chunked\r\n\r\n")])
def test_framing_is_ours(length: int | None, ending: bytes) -> None:
    assert request_head(head((b"Transfer-Encoding", b"chunked"), length=length), STRANGER, None).endswith(ending)
    assert b"content-length: 3\r\n" in request_head(head((b"content-length", b"003"), length=3), STRANGER, None)


def test_the_host_may_be_replaced_and_a_missing_one_is_given() -> None:
    raw = request_head(head(), STRANGER, b"inner.example")
    assert b"\r\nHost: inner.example\r\n" in raw
    assert b"X-Forwarded-Host: pay.example" in raw
    old = RequestHead(b"GET", b"/", b"0", (), 0, False, False)
    raw = request_head(old, STRANGER, None)
    assert raw.count(b"Host: localhost\r\n") == 2  # Host and X-Forwarded-Host
    assert b"Via: 1.0 strangler" in raw


NAMES = st.text("abcdefghijXYZ-0123", min_size=1, max_size=8).map(lambda name: b"q" + name.encode())
VALUES = st.binary(max_size=12).map(lambda raw: bytes(b for b in raw if b > 32 and b != 127))


@given(st.lists(st.tuples(NAMES, VALUES), max_size=12))
def test_all_other_fields_go_on_in_order_case_and_number(fields: list[tuple[bytes, bytes]]) -> None:
    expected = [b"%b: %b" % field for field in fields]
    assert lines(request_head(head(*fields), STRANGER, None))[:-4] == expected
    answer = ResponseHead(200, b"OK", tuple(fields), 0, True)
    assert response_fields(answer).split(b"\r\n")[:-1] == expected


def test_an_answers_hop_by_hop_fields_end_here() -> None:
    headers: Headers = (
        (b"Connection", b"close, X-Hop"),
        (b"X-Hop", b"1"),
        (b"Keep-Alive", b"timeout=5"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Set-Cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
        (b"Content-Length", b"007"),
    )
    assert response_fields(ResponseHead(200, b"OK", headers, 7, True, said(headers))) == (
        b"Set-Cookie: a=1\r\nset-cookie: b=2\r\nContent-Length: 7\r\n"
    )


@pytest.mark.parametrize("name", [b"X-Strangler-Shadow", b"x-strangler-shadow", b"X_Strangler-Shadow"])
def test_the_marker_goes_on_in_any_spelling(name: bytes) -> None:
    assert name + b": 1\r\n" in request_head(head((name, b"1")), STRANGER, None)


OFFER = ((b"Connection", b"keep-alive, Upgrade"), (b"uPGRADE", b"WebSocket"), (b"Sec-WebSocket-Key", b"k"))


def test_an_offer_of_websocket_goes_on_spelled_anew_and_only_if_that_is_asked() -> None:
    assert offers_websocket(head(*OFFER))
    raw = offering(request_head(head(*OFFER), STRANGER, None))
    switch = b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert raw == b"GET /x HTTP/1.1\r\nHost: pay.example\r\nSec-WebSocket-Key: k\r\n" + ADDED[:-2] + switch
    assert b"pgrade" not in request_head(head(*OFFER), STRANGER, None)


@pytest.mark.parametrize(
    "other",
    [
        head(*OFFER, length=1),
        head(*OFFER, length=None),
        head(*OFFER, version=b"0"),
        head(),
        head(*OFFER[:1]),
        head(*OFFER[1:]),
        head((b"Connection", b"upgrades, not-upgrade"), *OFFER[1:]),
        head(*OFFER, (b"Upgrade", b"h2c")),
        head(*OFFER, (b"Upgrade", b"websocket")),
        head(OFFER[0], (b"Upgrade", b"websocket, h2c")),
        head(OFFER[0], (b"Upgrade", b"websocket/13")),
        head(OFFER[0], (b"Upgrade", b"h2c")),
        RequestHead(b"POST", b"/x", b"1", OFFER, 0, True, False, said(OFFER)),
    ],
)
def test_no_other_offer_goes_on(other: RequestHead) -> None:
    assert not offers_websocket(other)


def test_an_acceptance_names_websocket_and_nothing_else_and_is_spelled_anew() -> None:
    fields = ((b"connection", b"upgrade, X-Hop"), (b"upgrade", b"WEBSOCKET"), (b"X-Hop", b"1"), (b"X-A", b"1"))
    framing = ((b"Content-Length", b"0"), (b"Keep-Alive", b"1"))
    accepted = ResponseHead(101, b"", (*fields, *framing), 0, True, said(fields))
    assert accepts_websocket(accepted)
    assert switching_fields(accepted) == b"X-A: 1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    others = ((200, fields), (101, fields[1:]), (101, fields[:1]), (101, (*fields, (b"Upgrade", b"x"))))
    for status, headers in others:
        assert not accepts_websocket(ResponseHead(status, b"", headers, 0, True, said(headers)))
