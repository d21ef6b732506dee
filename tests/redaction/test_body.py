"""Bodies of every kind."""

import gzip
import json

import pytest

from proxy.messages import Headers
from proxy.redaction.body import MAX_BODY, Bodies, Kept
from proxy.redaction.paths import PathSet
from proxy.redaction.place import Places
from proxy.redaction.tokens import Sort, Tokens
from proxy.redaction.values import Values

TOKENS = Tokens(b"k" * 32)
PAN = TOKENS.card("4111111111111111").encode()
JSON: Headers = ((b"Content-Type", b"application/json; charset=utf-8"),)
XML: Headers = ((b"content-type", b"text/xml"),)
CSV: Headers = ((b"content-type", b"text/csv"),)
PARTS: Headers = ((b"content-type", b"multipart/form-data; boundary=B"),)
FORM: Headers = ((b"content-type", b"application/x-www-form-urlencoded"),)


def redact(body: bytes, headers: Headers = JSON, paths: tuple[str, ...] = ()) -> bytes:
    compiled = PathSet(paths)
    return Bodies(Values(TOKENS), Places(compiled), compiled.needed_names()).redact(body, headers)


def test_clean_bodies_are_the_same_object() -> None:
    for body in (b"", b'{"a": 1.0}', "é €".encode(), b'{"ts":1714557600123}'):
        assert redact(body) is body


def test_json_form_and_text() -> None:
    assert redact(b'{"n":"4111111111111111"}') == b'{"n":"' + PAN + b'"}'
    assert redact(b"n=4111+1111+1111+1111", FORM) == b"n=" + PAN
    assert redact(b'["4111111111111111"]', ()) == b'["' + PAN + b'"]'
    assert redact(b"not json 4111111111111111 {") == b"not json " + PAN + b" {"
    assert redact(b"\xef\xbb\xbf" + b'{"cvc":1}') == b"\xef\xbb\xbf" + b'{"cvc":"cvc_removed"}'


@pytest.mark.parametrize(
    ("name", "value", "mark"),
    [
        ("cv2", "739", "cvc_removed"),
        ("cid", "7391", "cvc_removed"),
        ("card.security.code", "739", "cvc_removed"),
        ("html", '<input name="cvc" value="739">', '<input name="cvc" value="cvc_removed">'),
        ("back", "/pay?card%5Bcvc%5D=951", "/pay?card%5Bcvc%5D=cvc_removed"),
        ("xml", "<pin>7391</pin>", "<pin>pin_removed</pin>"),
        ("cookie", "sid=1", TOKENS.secret(b"sid=1")),
        ("Set-Cookie", "sid=1", TOKENS.secret(b"sid=1")),
        ("session_id", "s1", TOKENS.secret(b"s1")),
        ("token", "t1", TOKENS.secret(b"t1")),
        ("log", "Authorization: Token t1a", f"Authorization: Token {TOKENS.secret(b't1a')}"),
    ],
)
def test_secrets_by_name_and_inside_strings(name: str, value: str, mark: str) -> None:
    assert redact(json.dumps({name: value}).encode()) == json.dumps({name: mark}).encode()


def test_a_code_under_security_and_cookies_one_by_one() -> None:
    assert redact(b'{"card":{"security":{"code":739}}}') == b'{"card":{"security":{"code":"cvc_removed"}}}'
    assert redact(b'{"cookies":{"sid":"1"}}') == b'{"cookies":{"sid":"%s"}}' % TOKENS.secret(b"1").encode()
    clean = b'{"error":{"code":404},"cid":"cus_1"}'
    assert redact(clean) == clean


def test_latin_1_text_keeps_its_bytes() -> None:
    headers = ((b"content-type", b"text/plain; charset=latin-1"),)
    assert redact(b"caf\xe9 4111111111111111", headers) == b"caf\xe9 " + PAN


@pytest.mark.parametrize(
    ("body", "headers", "why"),
    [
        (b"\x00\x01" + b"4111111111111111", JSON, b"binary"),
        (b"\xff\xfe\xfd", (), b"binary"),
        ("4111111111111111".encode("cp037"), ((b"content-type", b"text/plain; charset=ibm037"),), b"unreadable"),
        (gzip.compress(b"4111111111111111")[:-9], ((b"content-encoding", b"gzip"),), b"encoded"),
        (b"x", ((b"content-encoding", b"rot13"),), b"encoded"),
        (b"x" * (MAX_BODY + 1), JSON, b"too long"),
        (b"4 " * 20_000, JSON, b"too many digits"),
        (b"[" + b'{"cvc":1},' * 70_000 + b"1]", JSON, b"too long"),
    ],
)
def test_what_cannot_be_read_leaves_length_and_token(body: bytes, headers: Headers, why: bytes) -> None:
    kept = redact(body, headers)
    assert kept.startswith(b"[" + why + b": %d bytes, body_" % len(body))
    assert redact(body, headers) == kept
    assert redact(kept, headers) == kept


def test_json_that_cannot_be_parsed_is_withheld_if_a_rule_might_name_something() -> None:
    assert redact(b'{"iban": "DE89", ', paths=("$..iban",)).startswith(b"[unreadable")
    assert redact(b'{"other": "DE89", ', paths=("$..iban",)) == b'{"other": "DE89", '


def test_a_rule_sees_through_escapes() -> None:
    assert (
        redact(b'{"ib\\u0061n": "DE89"}', paths=("$..iban",))
        == b'{"ib\\u0061n": "%s"}' % TOKENS.of(Sort.IBAN, "DE89").encode()
    )


def test_a_rule_without_a_name_reads_every_body() -> None:
    assert redact(b"[1]", paths=("$[0]",)) == b'["%s"]' % TOKENS.secret(b"1").encode()


def test_a_compressed_body_is_kept_decoded() -> None:
    compiled = PathSet(())
    bodies = Bodies(Values(TOKENS), Places(compiled), compiled.needed_names())
    coded = gzip.compress(b'{"n":"4111111111111111"}')
    assert bodies.kept(coded, (*JSON, (b"Content-Encoding", b"GZIP"))) == Kept(b'{"n":"' + PAN + b'"}', "gzip")
    assert bodies.kept(b"", ((b"Content-Encoding", b"gzip"),)) == Kept(b"")
    bomb = gzip.compress(bytes(32 << 20))
    assert bodies.kept(bomb, ((b"Content-Encoding", b"gzip"),)).body.startswith(b"[encoded")


def test_xml_tables_and_parts_are_read_as_such() -> None:
    name = TOKENS.of(Sort.PERSON, "Ann").encode()
    assert redact(b"<a><holderName>Ann</holderName></a>", XML) == b"<a><holderName>" + name + b"</holderName></a>"
    assert redact(b"holder_name,amount\nAnn,1.00\n", CSV) == b"holder_name,amount\n" + name + b",1.00\n"
    part = b'--B\r\nContent-Disposition: form-data; name="holder_name"\r\n\r\n%s\r\n--B--\r\n'
    assert redact(part % b"Ann", PARTS) == part % name
    inner = b"--C\r\n\r\n4111111111111111\r\n--C--"
    nested = b"--B\r\nContent-Type: multipart/mixed; boundary=C\r\n\r\n%s\r\n--B--"
    assert redact(nested % inner, PARTS) == nested % inner.replace(b"4111111111111111", PAN)


def test_a_part_that_is_binary_is_withheld_alone() -> None:
    body = b'--B\r\nContent-Disposition: form-data; name="f"\r\n\r\n\x00\r\n--B\r\n\r\nplain\r\n--B--'
    kept = redact(body, PARTS)
    assert b"[binary: 1 bytes, body_" in kept
    assert kept.endswith(b"plain\r\n--B--")
