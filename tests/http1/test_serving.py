"""Bounds of a request's head, and the head of an answer."""

import pytest

from proxy.http1.line import Malformed
from proxy.http1.serving import ServerSettings, answer_head, find_head_end, without_empty_lines

BOUNDS = ServerSettings(header_bytes=100, request_line=20)
LINE = b"GET /" + b"a" * 6 + b" HTTP/1.1"  # 20 bytes


def checked(wire: bytes) -> int | None:
    """The status with which these bytes are refused, or None."""
    try:
        find_head_end(BOUNDS, wire, 0)
    except Malformed as fault:
        return fault.status
    return None


def head(size: int) -> bytes:
    """A head of `size` bytes, its empty line included."""
    return (LINE + b"\r\nX: ").ljust(size - 4, b"x") + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("wire", "status"),
    [
        (b"", None),
        (LINE, None),
        (LINE + b"\r", None),
        (LINE + b"\r\n", None),
        (LINE + b"\r\n\r\n", None),
        (LINE + b"aa", 414),
        (LINE + b"a\r", 414),
        (LINE + b"a\r\n", 414),
        (LINE + b"a\r\n\r\n", 414),
        (b"a" * 500, 414),
        (head(100), None),
        (head(101), 431),
        (head(101)[:100], None),
        (head(500)[:101], 431),
    ],
)
def test_a_head_is_refused_as_soon_as_it_is_beyond_a_bound(wire: bytes, status: int | None) -> None:
    assert checked(wire) == status


def test_what_follows_a_head_does_not_count() -> None:
    assert checked(head(100) + b"b" * 1000) is None
    assert checked(LINE + b"\r\n\r\n" + b"b" * 1000) is None


def test_a_refusal_names_the_bound() -> None:
    with pytest.raises(Malformed) as raised:
        find_head_end(BOUNDS, b"a" * 500, 0)
    assert "20 bytes" in raised.value.detail
    with pytest.raises(Malformed) as raised:
        find_head_end(BOUNDS, head(101), 0)
    assert "100 bytes" in raised.value.detail


@pytest.mark.parametrize("searched", [0, *range(90, 100)])
def test_the_end_of_a_head_is_found_wherever_the_search_before_it_ended(searched: int) -> None:
    assert find_head_end(BOUNDS, head(100) + b"rest\r\n\r\n", searched) == 96
    assert find_head_end(BOUNDS, head(100)[:-1], min(searched, 99)) == -1


@pytest.mark.parametrize("lines", [b"", b"\r\n", b"\r\n\r\n"])
def test_empty_lines_before_a_request_are_let_pass_and_no_other(lines: bytes) -> None:
    assert without_empty_lines(lines + head(50)) == head(50)
    assert without_empty_lines(lines + b"\r") == b"\r"


@pytest.mark.parametrize(
    ("version", "chunked", "keep_alive", "framing"),
    [
        (b"1", False, True, b""),
        (b"1", False, False, b"Connection: close\r\n"),
        (b"1", True, True, b"Transfer-Encoding: chunked\r\n"),
        (b"1", True, False, b"Transfer-Encoding: chunked\r\nConnection: close\r\n"),
        (b"0", False, True, b"Connection: keep-alive\r\n"),
        (b"0", False, False, b"Connection: close\r\n"),
    ],
)
def test_the_framing_comes_after_the_fields_and_says_whether_the_connection_goes_on(
    version: bytes, chunked: bool, keep_alive: bool, framing: bytes
) -> None:
    fields = b"X-A: 1\r\nx-a: \xff\r\n"
    written = answer_head(version, 201, b"Made", fields, chunked=chunked, keep_alive=keep_alive)
    assert written == b"HTTP/1.1 201 Made\r\n" + fields + framing + b"\r\n"


def test_an_answer_without_reason_or_fields_is_still_a_head() -> None:
    assert answer_head(b"1", 204, b"", b"", chunked=False, keep_alive=True) == b"HTTP/1.1 204 \r\n\r\n"
