"""Secrets in running text."""

import pytest

from proxy.redaction.prefilter import is_clean
from proxy.redaction.text import scan
from proxy.redaction.tokens import Tokens

TOKENS = Tokens(b"k" * 32)
PAN = TOKENS.card("4111111111111111")
ABC = TOKENS.secret(b"abc")
DIGEST = TOKENS.secret(b'username="ann", response="6629fae4"')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "<card><cvc>123</cvc><pan>4111111111111111</pan></card>",
            f"<card><cvc>cvc_removed</cvc><pan>{PAN}</pan></card>",
        ),
        ('name="cvc"\r\n\r\n123\r\n--', 'name="cvc"\r\n\r\ncvc_removed\r\n--'),
        (
            'name="cvc"\r\nContent-Type: text/plain\r\n\r\n123\r\n--',
            'name="cvc"\r\nContent-Type: text/plain\r\n\r\ncvc_removed\r\n--',
        ),
        ('broken {"security_code": "1234"', 'broken {"security_code": "cvc_removed"'),
        ('{"n": "\\u0034111111111111111"', f'{{"n": "{PAN}"'),
        ("n=%34%31%31%31111111111111", f"n={PAN}"),
        ("Authorization: Bearer abc.def123", f"Authorization: Bearer {TOKENS.secret(b'abc.def123')}"),
        ("X-Auth: Basic QWxhZGRpbjpvcGVu", f"X-Auth: Basic {TOKENS.secret(b'QWxhZGRpbjpvcGVu')}"),
        ("key sk_live_abcdefgh1234", f"key {TOKENS.secret(b'sk_live_abcdefgh1234')}"),
        ('password: "hunter2"', f'password: "{TOKENS.secret(b"hunter2")}"'),
        ("/pay?a=1&token=abcdef&b=2", f"/pay?a=1&token={TOKENS.secret(b'abcdef')}&b=2"),
        ("return card%5Btoken%5D=abcdef", f"return card%5Btoken%5D={TOKENS.secret(b'abcdef')}"),
        ("got token: a1b2c3", f"got token: {TOKENS.secret(b'a1b2c3')}"),
        ('<input name="csrf" id="token" value="abc">', f'<input name="csrf" id="token" value="{ABC}">'),
        ("PHPSESSID=abc; path=/", f"PHPSESSID={ABC}; path=/"),
        ("session_id: abc", f"session_id: {ABC}"),
        ("GET /\nCookie: sid=1; cart=2\nHost: a", f"GET /\nCookie: {TOKENS.secret(b'sid=1; cart=2')}\nHost: a"),
        ('set-cookie: sid="1"; Path=/', "set-cookie: " + TOKENS.secret(b'sid="1"; Path=/')),
        ("{'Cookie': 'sid=1; cart=2'}", f"{{'Cookie': '{TOKENS.secret(b'sid=1; cart=2')}'}}"),
        ('{"cookie": "sid=1; cart=2"', f'{{"cookie": "{TOKENS.secret(b"sid=1; cart=2")}"'),
        ("cvc=123=456", "cvc=cvc_removed=456"),
        ("<Cookie>sid=1; cart=2</Cookie>", f"<Cookie>{TOKENS.secret(b'sid=1; cart=2')}</Cookie>"),
        ("cookie=abc&x=1", f"cookie={ABC}&x=1"),
        ("Authorization: Token abc", f"Authorization: Token {ABC}"),
        ("authorization basic abc", f"authorization basic {ABC}"),
        ("Authorization: Own a1b", f"Authorization: Own {TOKENS.secret(b'a1b')}"),
        ("'Authorization': 'abcdefghijklmnop'", f"'Authorization': '{TOKENS.secret(b'abcdefghijklmnop')}'"),
        (
            'Authorization: Digest username="ann", response="6629fae4"\nHost: a',
            f"Authorization: Digest {DIGEST}\nHost: a",
        ),
    ],
)
def test_removes(text: str, expected: str) -> None:
    assert scan(text, TOKENS) == expected
    assert scan(expected, TOKENS) == expected


@pytest.mark.parametrize(
    "text",
    [
        '<input name="cvc" value="739">',
        "<input type='text' name='card_cvc' class='x' value='739'/>",
        '<input value="739" type="text" name="cvc">',
        '<input autocomplete="cc-csc" value=739>',
        '<input name=\\"cvc\\" value=\\"739\\">',
        "back=/pay?card%5Bcvc%5D=739",
        "back=%2Fpay%3Fcvc%3D739",
        "<security><code>739</code></security>",
        "cv2=739",
        "<cid>739</cid>",
        "card[cid]=739",
        "cid: 739",
    ],
)
def test_removes_security_codes(text: str) -> None:
    clean = scan(text, TOKENS)
    assert clean == text.replace("739", "cvc_removed")
    assert scan(clean, TOKENS) == clean
    assert not is_clean(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "<pin>7391</pin>",
        '<pin type="clear">7391</pin>',
        "<c:Pin>7391</c:Pin>",
        '{"card": {"pin": "7391"',
        "{'pin': 7391}",
        "card_pin=7391",
        "card[pin]=7391",
        "card%5Bpin%5D=7391",
        "PIN: 7391",
        '<input name="pin" value="7391">',
        '<input value="7391" name="pin">',
        'name="pin"\r\n\r\n7391\r\n--',
    ],
)
def test_removes_pins(text: str) -> None:
    clean = scan(text, TOKENS)
    assert clean == text.replace("7391", "pin_removed")
    assert scan(clean, TOKENS) == clean
    assert not is_clean(text.encode())


def test_removes_pin_blocks() -> None:
    assert scan("<pinBlock>0412AC89ABCDEF67</pinBlock>", TOKENS) == "<pinBlock>pin_removed</pinBlock>"


@pytest.mark.parametrize(
    "text",
    [
        "cvc_check: pass",
        "the bearer of this letter",
        "cvc 12345",
        "100% of \\u0033 orders",
        "idempotency key abc",
        "basic authentication",
        "a%3Db",
        "shipping: 7391",
        "spin=7391",
        "the pin 7391 of the map",
        "pin: 123",
        "incident: 404",
        "placid: 404",
        "cid: 12345",
        "unexpected token: end",
        'page_token="abc123"',
        "nextPageToken=abc123",
        "max_tokens: 4096",
        "token_type=bearer",
        "this site sets cookies: two of them",
        "cookie consent required",
        "authorization: approved for 10.00",
        "authorization failed for ann",
        '<input name="amount" value="739">',
    ],
)
def test_leaves_alone(text: str) -> None:
    assert scan(text, TOKENS) is text
