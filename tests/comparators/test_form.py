"""Forms: decoded names and values; what comes twice is a list."""

import pytest

from comparators import readable
from comparators.answers import Reading
from comparators.codings import Unreadable
from comparators.document import Json
from comparators.form import read_form
from comparators.readable import Malformed

HOW = Reading("application/x-www-form-urlencoded", "", ())


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", {}),
        (b"a=1&b=x%20y+z", {"a": "1", "b": "x y z"}),
        (b"a", {"a": ""}),
        (b"a=1=2", {"a": "1=2"}),
        (b"tag=b&tag=a&x=", {"tag": ["b", "a"], "x": ""}),
        (b"line[0][sku]=A%26B", {"line[0][sku]": "A&B"}),
        ("é=ü".encode(), {"é": "ü"}),
        (b"a=%C3%A9", {"a": "é"}),
        (b"a=1\n", {"a": "1\n"}),
    ],
)
def test_fields(body: bytes, expected: Json) -> None:
    assert read_form(body, HOW) == expected


def test_a_charset_is_honoured() -> None:
    assert read_form(b"a=%E9", Reading("", "iso-8859-1", ())) == {"a": "é"}


@pytest.mark.parametrize(("body", "charset"), [(b"a=%E9", ""), (b"a=\xff", ""), (b"a=1", "x-unknown")])
def test_what_is_no_text_is_malformed(body: bytes, charset: str) -> None:
    with pytest.raises(Malformed):
        read_form(body, Reading("", charset, ()))


def test_fields_are_bounded() -> None:
    with pytest.raises(Unreadable, match="more than 500000 fields"):
        read_form(b"&" * readable.MAX_PARTS, HOW)
