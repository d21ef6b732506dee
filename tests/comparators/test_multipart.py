"""Parts: by name where all have one; the boundary is spelling."""

import pytest

from comparators.answers import Reading
from comparators.codings import Unreadable
from comparators.document import Json
from comparators.multipart import MAX_PARTS, read_multipart
from comparators.readable import Malformed


def body(*parts: tuple[str, bytes], boundary: str = "B") -> bytes:
    mark = f"--{boundary}".encode()
    return (
        b"".join(mark + b"\r\n" + head.encode() + b"\r\n" + content + b"\r\n" for head, content in parts)
        + mark
        + b"--\r\n"
    )


def read(octets: bytes, boundary: str = "B") -> Json:
    return read_multipart(octets, Reading("multipart/form-data", "", (), boundary))


NAMED = 'Content-Disposition: form-data; name="{}"\r\n'


def test_named_parts() -> None:
    assert read(body((NAMED.format("a"), b"1"), (NAMED.format("b"), b"x\r\ny"))) == {"a": "1", "b": "x\r\ny"}
    assert read(body((NAMED.format("a"), b"1"), (NAMED.format("a"), b"2"))) == {"a": ["1", "2"]}
    assert read(body((NAMED.format("a"), b""), boundary="long-one"), "long-one") == {"a": ""}
    assert read(b"preamble\r\n" + body((NAMED.format("a"), b"1")) + b"epilogue") == {"a": "1"}


def test_parts_that_say_more() -> None:
    file = 'content-disposition: form-data; filename="a\\"b.bin"; name=f\r\nContent-Type: application/x\r\n'
    assert read(body((file, b"\xff\x00"))) == {
        "f": {"content-type": "application/x", "filename": 'a"b.bin', "content": "\xff\x00"}
    }
    json = NAMED.format("j") + "Content-Type: application/json\r\n"
    assert read(body((json, b'{"a":1}'))) == {"j": {"content-type": "application/json", "content": {"a": 1}}}
    marked = NAMED.format("m") + "Content-ID: <1>\r\n"
    assert read(body((marked, b"x"))) == {"m": {"content-id": "<1>", "content": "x"}}
    latin = NAMED.format("t") + "Content-Type: text/plain; charset=iso-8859-1\r\n"
    assert read(body((latin, b"\xe9"))) == {"t": "é"}


def test_what_is_not_as_it_says_is_never_as_what_is() -> None:
    json = NAMED.format("j") + "Content-Type: application/json\r\n"
    assert read(body((json, b'"abc"'))) == {"j": {"content-type": "application/json", "content": "abc"}}
    with pytest.raises(Malformed, match="a part of type application/json"):
        read(body((json, b"abc")))
    text = NAMED.format("t")
    assert read(body((text, b"a\xe9"))) == {"t": "a\udce9"} != read(body((text, "aé".encode()))) == {"t": "aé"}
    unknown = NAMED.format("t") + "Content-Type: text/plain; charset=shift_jis\r\n"
    assert read(body((unknown, b"\xe9"))) == {"t": "\udce9"}


def test_a_transfer_encoding_is_more_than_spelling() -> None:
    encoded = NAMED.format("e") + "Content-Transfer-Encoding: {}\r\n"
    assert read(body((encoded.format("8bit"), b"YWJj"))) == {"e": "YWJj"}
    assert read(body((encoded.format("base64"), b"YWJj"))) == {
        "e": {"content-transfer-encoding": "base64", "content": "YWJj"}
    }


def test_parts_without_names_are_a_list() -> None:
    assert read(body(("", b"1"), (NAMED.format("a"), b"2"))) == ["1", "2"]


@pytest.mark.parametrize(
    "octets",
    [b"", b"--B\r\n\r\n1", b"--B\r\n\r\n1\r\n--C--", b"--B x\r\n\r\n1\r\n--B--", b"--B\r\nno-end\r\n--B--", b"--B"],
)
def test_what_its_boundary_does_not_divide(octets: bytes) -> None:
    with pytest.raises(Malformed):
        read(octets)


def test_a_boundary_is_needed() -> None:
    with pytest.raises(Malformed, match="without a boundary"):
        read(body(("", b"1")), "")


def test_parts_are_bounded() -> None:
    with pytest.raises(Unreadable, match="more than 10000 parts"):
        read(b"\r\n--B" * (MAX_PARTS + 1))
