"""What a content type asks for."""

import pytest

from comparators.answers import Reading
from comparators.codings import Unreadable
from comparators.formats import Format, format_of, laid_alike, read_lines_of_json
from comparators.readable import MAX_PARTS, Malformed
from tests.comparators.support import policy_of


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        ("application/json", Format.JSON),
        ("application/problem+json", Format.JSON),
        ("application/x-ndjson", Format.LINES_OF_JSON),
        ("application/xml", Format.XML),
        ("text/xml", Format.XML),
        ("image/svg+xml", Format.XML),
        ("multipart/mixed", Format.MULTIPART),
        ("application/x-www-form-urlencoded", Format.FORM),
        ("text/csv", Format.TABLE),
        ("text/html", Format.TEXT),
        ("application/pdf", Format.OCTETS),
        ("", Format.OCTETS),
    ],
)
def test_formats(media: str, expected: Format) -> None:
    assert format_of(Reading(media, "", ()), policy_of()) is expected


def test_lines_of_json() -> None:
    how = Reading("", "", ())
    assert read_lines_of_json(b'{"a":1}\n\n[2]\r\n', how) == [{"a": 1}, [2]]
    assert read_lines_of_json(b"", how) == []
    with pytest.raises(Malformed, match="line 1: "):
        read_lines_of_json(b"1\n{", how)
    with pytest.raises(Unreadable, match="more than 500000 lines"):
        read_lines_of_json(b"1\n" * (MAX_PARTS + 1), how)


def test_what_is_laid_alike() -> None:
    assert laid_alike(Format.FORM, {"a": "1"}, {"a": ["1"]}) == ({"a": ["1"]}, {"a": ["1"]})
    assert laid_alike(Format.MULTIPART, {"a": "1"}, {"a": {"content": "1"}}) == (
        {"a": {"content": "1"}},
        {"a": {"content": "1"}},
    )
    assert laid_alike(Format.MULTIPART, ["1"], {"a": "1"}) == (["1"], {"a": "1"})
    assert laid_alike(Format.LINES_OF_JSON, [1], [[1]]) == ([1], [[1]])
