"""Tables: rows by column where the first row can name them."""

import pytest

from comparators.answers import Reading
from comparators.codings import Unreadable
from comparators.document import Json
from comparators.readable import MAX_PARTS, Malformed
from comparators.table import read_table

HOW = Reading("text/csv", "", ())


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", []),
        (b"id,amount\n1,2.00", [["id", "amount"], {"id": "1", "amount": "2.00"}]),
        (b'\xef\xbb\xbfid,note\r\n1,"a,""b""\nc"\r\n', [["\ufeffid", "note"], {"id": "1", "note": 'a,"b"\nc'}]),
        (b"\xef\xbb\xbf", [["\ufeff"]]),
        (b"1,2\n3,4", [["1", "2"], ["3", "4"]]),
        (b"a,a\n3,4", [["a", "a"], ["3", "4"]]),
        (b"a,\n3,4", [["a", ""], ["3", "4"]]),
        (b"a,b\n3\n", [["a", "b"], ["3"]]),
        (b"a\n\nx", [["a"], [], {"a": "x"}]),
        ("a\nx\u2028y".encode(), [["a"], {"a": "x\u2028y"}]),
    ],
)
def test_rows(body: bytes, expected: Json) -> None:
    assert read_table(body, HOW) == expected


def test_a_table_may_say_that_it_has_no_header() -> None:
    assert read_table(b"a,b\nc,d", Reading("text/csv", "", (), "", True)) == [["a", "b"], ["c", "d"]]


@pytest.mark.parametrize("body", [b'a,"b', b"\xff", b'"a"b,c'])
def test_what_is_no_table(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_table(body, HOW)


def test_cells_are_bounded() -> None:
    with pytest.raises(Unreadable, match="more than 500000 cells"):
        read_table(b"," * (MAX_PARTS + 1), HOW)
