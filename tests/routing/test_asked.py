"""What is read of one request."""

import pytest

from proxy.messages import Headers
from proxy.routing.asked import Asked, Source, cookies, header_value


def test_several_fields_of_one_name_are_one_value() -> None:
    headers = ((b"X-A", b"1"), (b"x-a", b"2"))
    assert header_value(headers, b"x-a") == b"1,2"
    assert header_value(headers, b"x-b") is None


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ((), {}),
        (((b"Cookie", b"a=1; b=2"), (b"cookie", b"c=3")), {b"a": b"1", b"b": b"2", b"c": b"3"}),
        (((b"Cookie", b"a=1;a=2; a = 3"),), {b"a": b"1"}),
        (((b"Cookie", b'nothing; q="x=y"; e='),), {b"q": b'"x=y"', b"e": b""}),
    ],
)
def test_cookies(headers: Headers, found: dict[bytes, bytes]) -> None:
    assert cookies(headers) == found


@pytest.mark.parametrize(
    ("target", "host", "found"),
    [
        (b"/", b"API.Example", b"api.example"),
        (b"/", b"api.example:8443", b"api.example"),
        (b"/", b"api.example.", b"api.example"),
        (b"/", b"[::1]:80", b"[::1]"),
        (b"/", b"", b""),
        (b"http://other.example:80/a?u=http://x/", b"api.example", b"other.example"),
        (b"http://other.example?x", b"api.example", b"other.example"),
        (b"/a?u=http://x/", b"api.example", b"api.example"),
        (b"*", b"api.example", b"api.example"),
    ],
)
def test_the_host_is_that_of_the_target_or_the_field_without_port_and_case(
    target: bytes, host: bytes, found: bytes
) -> None:
    assert Asked(target, ((b"Host", host),)).host() == found


def test_values_come_from_where_they_are_asked() -> None:
    headers = ((b"X-A", b"header"), (b"Cookie", b"x-a=cookie"), (b"Host", b"h"))
    asked = Asked(b"/?x-a=query", headers)
    found = [asked.value(source, b"x-a") for source in Source]
    assert found == [b"header", b"query", b"cookie", None, b"h"]


@pytest.mark.parametrize(
    ("body", "document"),
    [(None, None), (b"", None), (b"{", None), (b"\xff", None), (b"[" * 5000, None), (b'{"a":1}', {"a": 1})],
)
def test_a_body_that_is_no_json_is_no_document(body: bytes | None, document: object) -> None:
    assert Asked(b"/", (), body=body).document() == document
