"""A header line is read in one way, and what is remembered of one is what is read of it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.http1 import line
from proxy.http1.line import CODING, CONNECTION, EXPECT, HOST, LENGTH, NOTHING, Malformed, check_text, read_line

PLAIN = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")


@pytest.fixture(autouse=True)
def forgetful() -> None:
    line._lines.clear()


@pytest.mark.parametrize(
    ("raw", "field", "kind"),
    [
        (b"Host: pay.example", (b"Host", b"pay.example"), HOST),
        (b"CONNECTION:close", (b"CONNECTION", b"close"), CONNECTION),
        (b"Content-Length: \t5 ", (b"Content-Length", b"5"), LENGTH),
        (b"Transfer-Encoding: chunked", (b"Transfer-Encoding", b"chunked"), CODING),
        (b"expect: 100-continue", (b"expect", b"100-continue"), EXPECT),
        (b"X-A: caf\xe9: 1", (b"X-A", b"caf\xe9: 1"), NOTHING),
        (b"Accept:", (b"Accept", b""), NOTHING),
    ],
)
def test_a_line_is_a_name_a_value_and_what_it_says_about_the_frame(
    raw: bytes, field: tuple[bytes, bytes], kind: int
) -> None:
    for _ in range(2):
        read = read_line(raw)
        assert (read.field, read.kind) == (field, kind)


@pytest.mark.parametrize("raw", [b"", b"no colon", b"Host", b": x", b"X A: 1", b"X-A : 1", b" X-A: 1", b"X-A: a\x00"])
def test_what_is_no_line_is_refused_each_time(raw: bytes) -> None:
    for _ in range(2):
        with pytest.raises(Malformed) as caught:
            read_line(raw)
        assert caught.value.status == 400


@given(st.binary(max_size=20))
def test_no_control_byte_passes(text: bytes) -> None:
    try:
        check_text(text)
    except Malformed:
        assert not PLAIN.fullmatch(text)
    else:
        assert PLAIN.fullmatch(text)


@given(st.lists(st.sampled_from([b"Host: a", b"Accept: a", b"accept: a", b"Server: \tb", b"Host:a"]), max_size=20))
def test_a_line_that_was_remembered_says_what_it_said(lines: list[bytes]) -> None:
    for raw in lines:
        name, _, value = raw.partition(b":")
        assert read_line(raw).field == (name, value.strip(b" \t"))


def test_what_is_secret_long_or_new_each_time_is_not_remembered() -> None:
    for raw in (b"Authorization: Bearer a", b"Cookie: a=b", b"X-Request-Id: 1", b"Accept: " + b"a" * 200):
        read_line(raw)
    assert line._lines == {}


def test_what_is_remembered_is_bounded() -> None:
    for number in range(3000):
        read_line(b"Content-Length: %d" % number)
    assert 0 < len(line._lines) <= 1024
