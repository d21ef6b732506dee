"""Multipart bodies, part by part."""

import pytest

from proxy.messages import Headers
from proxy.redaction.multipart import MAX_PARTS, boundary_of, redact_multipart

BODY = b'pre\r\n--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--B\r\n\r\n2\r\n--B--\r\npost'


def shown(name: str, content: bytes, fields: Headers) -> bytes:
    return f"<{name}:".encode() + content + b">" if content else content


def test_each_part_is_seen_by_its_name_and_the_frame_stays() -> None:
    kept = redact_multipart(BODY, b"B", shown, lambda fields: fields)
    assert kept == (
        b'<:pre>\r\n--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n<a:1>\r\n--B\r\n\r\n<:2>\r\n--B--\r\n<:post>'
    )


def test_nothing_to_do_leaves_every_byte() -> None:
    for body in (BODY, BODY.replace(b"\r\n", b"\n")):
        assert redact_multipart(body, b"B", lambda name, content, fields: content, lambda fields: fields) == body


def test_fields_of_a_part_are_redacted() -> None:
    kept = redact_multipart(
        BODY, b"B", lambda name, content, fields: content, lambda fields: ((b"X", b" y"),) * len(fields)
    )
    assert kept is not None
    assert b"--B\r\nX: y\r\n\r\n1" in kept


@pytest.mark.parametrize(
    "body", [b"", b"x", b"--B\r\n\r\n1", b"--C--", b"--B\r\n\r\n1\r\n" * (MAX_PARTS + 1) + b"--B--"]
)
def test_what_is_no_multipart_is_refused(body: bytes) -> None:
    assert redact_multipart(body, b"B", shown, lambda fields: fields) is None


def test_boundaries() -> None:
    assert boundary_of(b'multipart/form-data; x=y; Boundary="a b"') == b"a b"
    assert boundary_of(b"multipart/mixed;boundary=abc;q=1") == b"abc"
    assert boundary_of(b"application/json; boundary=abc") is None
