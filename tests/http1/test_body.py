"""A body ends where its framing says, however it was cut into segments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.http1.body import CHUNK_LINE, LAST_CHUNK, TRAILERS, BodyReader, Chunked, Sized, UntilClose, chunk
from proxy.http1.line import Malformed


def feed(reader: BodyReader, pieces: list[bytes]) -> tuple[bytes, bytes | None]:
    payload = b""
    for at, piece in enumerate(pieces):
        more, rest = reader.feed(piece)
        payload += more
        if rest is not None:
            return payload, rest + b"".join(pieces[at + 1 :])
    return payload, None


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in zip(edges, edges[1:], strict=False)]


@given(st.binary(max_size=100), st.binary(max_size=20), st.lists(st.integers(0, 200), max_size=8))
def test_a_sized_body_ends_at_its_length(body: bytes, after: bytes, places: list[int]) -> None:
    if body:
        assert feed(Sized(len(body)), cut(body + after, places)) == (body, after)


@given(
    st.lists(st.binary(min_size=1, max_size=40), max_size=6),
    st.sampled_from([b"", b";ext", b" ; a=b", b';a="q\\"\xff";b']),
    st.sampled_from([b"", b"X-Trailer: 1\r\n"]),
    st.binary(max_size=20),
    st.lists(st.integers(0, 400), max_size=12),
)
def test_a_chunked_body_is_the_same_however_it_is_cut(
    chunks: list[bytes], extension: bytes, trailer: bytes, after: bytes, places: list[int]
) -> None:
    wire = b"".join(b"%X%b\r\n%b\r\n" % (len(each), extension, each) for each in chunks)
    wire += b"0%b\r\n%b\r\n" % (extension, trailer)
    assert feed(Chunked(), cut(wire + after, places)) == (b"".join(chunks), after)


@pytest.mark.parametrize(
    "wire",
    [
        b"5\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\n0\r\n\r\n",
        b"5\r\nhelloX\r\n0\r\n\r\n",
        b"5\r\nhello0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b" 5\r\nhello\r\n0\r\n\r\n",
        b"5 \r\nhello\r\n0\r\n\r\n",
        b"g\r\n",
        b"\r\n",
        b";a=b\r\n",
        b"FFFFFFFFFFFFFFFFF\r\n",
        b"5;\r\nhello\r\n0\r\n\r\n",
        b"5 ext\r\nhello\r\n0\r\n\r\n",
        b'5;a="b\r\nhello\r\n0\r\n\r\n',
        b"5;a=\r\nhello\r\n0\r\n\r\n",
        b"5;a\rb\r\nhello\r\n0\r\n\r\n",
        b"5;" + b"a" * CHUNK_LINE + b"\r\nhello\r\n0\r\n\r\n",
        b"0\r\nno colon\r\n\r\n",
        b"0\r\nX-A : 1\r\n\r\n",
        b"0\r\nX-A: \x00\r\n\r\n",
        b"0\r\n" + b"X-A: %b\r\n" % (b"a" * 200) * (TRAILERS // 200) + b"\r\n",
    ],
)
def test_bad_chunks_are_refused_whole_and_byte_by_byte(wire: bytes) -> None:
    for pieces in ([wire], [wire[i : i + 1] for i in range(len(wire))]):
        with pytest.raises(Malformed) as caught:
            feed(Chunked(), pieces)
        assert caught.value.status == 400


def test_a_chunk_line_that_never_ends_is_refused_at_its_bound() -> None:
    reader = Chunked()
    with pytest.raises(Malformed):
        for _ in range(CHUNK_LINE + 2):
            reader.feed(b"1")


def test_until_close_never_ends_by_itself() -> None:
    assert UntilClose().feed(b"abc") == (b"abc", None)


@given(st.lists(st.binary(max_size=30), max_size=5))
def test_what_is_chunked_here_is_read_here(pieces: list[bytes]) -> None:
    wire = b"".join(map(chunk, pieces)) + LAST_CHUNK
    assert Chunked().feed(wire) == (b"".join(pieces), b"")
