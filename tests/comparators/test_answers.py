"""What headers declare about a body."""

import pytest

from comparators.answers import CONTENT_ENCODING, CONTENT_TYPE, Answer, Reading, fields, reading


def test_fields_are_found_in_any_case_in_order_and_stripped() -> None:
    answer = Answer(200, ((b"X-A", b"1"), (b"x-a", b"\t2 "), (b"Y", b"3")), b"")
    assert fields(answer, {b"x-a"}) == {b"x-a": [b"1", b"2"]}


@pytest.mark.parametrize(
    ("content_type", "media", "charset"),
    [
        (b"Application/JSON", "application/json", ""),
        (b"text/html; charset=ISO-8859-1", "text/html", "iso-8859-1"),
        (b'text/plain;boundary=x; Charset="UTF-8"', "text/plain", "utf-8"),
        (b"", "", ""),
        (b"; charset=utf-8", "", "utf-8"),
        (b"\xff\xfe", "ÿþ", ""),
    ],
)
def test_content_type(content_type: bytes, media: str, charset: str) -> None:
    how = reading({CONTENT_TYPE: [content_type]})
    assert (how.media, how.charset, how.codings) == (media, charset, ())


@pytest.mark.parametrize(
    ("content_type", "boundary", "is_headless"),
    [
        (b"multipart/mixed; boundary=aB", "aB", False),
        (b'multipart/mixed; Boundary="a b"; charset=x', "a b", False),
        (b"multipart/mixed", "", False),
        (b"text/csv; header=absent", "", True),
        (b'text/csv; header="present"', "", False),
    ],
)
def test_what_else_a_content_type_says(content_type: bytes, boundary: str, is_headless: bool) -> None:
    how = reading({CONTENT_TYPE: [content_type]})
    assert (how.boundary, how.is_headless) == (boundary, is_headless)


def test_nothing_declared() -> None:
    assert reading({}) == Reading("", "", ())


def test_the_first_content_type_counts() -> None:
    assert reading({CONTENT_TYPE: [b"text/html", b"application/json"]}).media == "text/html"


def test_codings_are_kept_in_order_over_several_headers_without_identity() -> None:
    assert reading({CONTENT_ENCODING: [b"GZIP, identity", b" br"]}).codings == ("gzip", "br")
