"""Content codings come off, within bounds, or the reason is said."""

import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from comparators.codings import MAX_BODY, Unreadable, decoded


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@given(st.binary(max_size=200))
def test_what_was_coded_comes_back(body: bytes) -> None:
    assert decoded(body, ()) == body
    assert decoded(gzip.compress(body), ("gzip",)) == body
    assert decoded(gzip.compress(body), ("x-gzip",)) == body
    assert decoded(zlib.compress(body), ("deflate",)) == body
    assert decoded(raw_deflate(body), ("deflate",)) == body
    assert decoded(brotli.compress(body), ("br",)) == body
    assert decoded(zstandard.compress(body), ("zstd",)) == body
    assert decoded(gzip.compress(zlib.compress(body)), ("deflate", "gzip")) == body


def test_frames_of_one_zstd_body_are_joined() -> None:
    assert decoded(zstandard.compress(b"a") * 16, ("zstd",)) == b"a" * 16


def test_members_of_one_gzip_file_are_joined() -> None:
    assert decoded(gzip.compress(b"a") * 16, ("gzip",)) == b"a" * 16


@pytest.mark.parametrize(
    ("body", "codings", "reason"),
    [
        (b"x", ("lzma",), "'lzma' is not one of gzip, deflate, br, zstd"),
        (b"x" * 20, ("br",), "br is corrupt"),
        (brotli.compress(b"body")[:-1], ("br",), "br is corrupt: it ends too early"),
        (b"x", ("zstd",), "zstd is corrupt"),
        (zstandard.compress(b"body")[:-1], ("zstd",), "zstd is corrupt: it ends too early"),
        (zstandard.compress(b"body") + b"x", ("zstd",), "zstd is corrupt"),
        (zstandard.compress(b"a") * 17, ("zstd",), "more than 16 frames"),
        (b"x", ("gzip",) * 4, "4 content codings"),
        (b"plain", ("gzip",), "gzip is corrupt"),
        (gzip.compress(b"body")[:-1], ("gzip",), "ends too early"),
        (gzip.compress(b"body") + b"x", ("gzip",), "gzip is corrupt"),
        (gzip.compress(b"body") + gzip.compress(b"body")[:-1], ("gzip",), "ends too early"),
        (gzip.compress(b"a") * 17, ("gzip",), "more than 16 members"),
        (zlib.compress(b"body") + b"x", ("deflate",), "bytes follow its end"),
        (b"\xff\xff", ("deflate",), "deflate is corrupt"),
    ],
)
def test_what_is_refused_and_why(body: bytes, codings: tuple[str, ...], reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        decoded(body, codings)


def test_the_bound_is_inclusive() -> None:
    assert len(decoded(gzip.compress(bytes(MAX_BODY), 1), ("gzip",))) == MAX_BODY


@pytest.mark.parametrize(
    ("body", "codings"),
    [
        (gzip.compress(bytes(MAX_BODY + 1), 1), ("gzip",)),
        (gzip.compress(bytes(MAX_BODY), 1) + gzip.compress(b"1"), ("gzip",)),
        (zlib.compress(bytes(MAX_BODY + 1), 1), ("deflate",)),
        (gzip.compress(gzip.compress(bytes(4 * MAX_BODY), 1)), ("gzip", "gzip")),
        (bytes(MAX_BODY + 1), ()),
        (brotli.compress(bytes(4 * MAX_BODY), quality=1), ("br",)),
        (zstandard.compress(bytes(64 * MAX_BODY)), ("zstd",)),
        (zstandard.compress(bytes(MAX_BODY)) + zstandard.compress(b"1"), ("zstd",)),
    ],
    ids=["gzip", "two members", "deflate", "twice", "plain", "br", "zstd", "two frames"],
)
def test_a_bomb_is_refused(body: bytes, codings: tuple[str, ...]) -> None:
    with pytest.raises(Unreadable, match=f"more than {MAX_BODY} bytes"):
        decoded(body, codings)
