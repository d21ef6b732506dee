"""Secrets in running text: card numbers, bearer tokens, API keys, and what follows a telling word.

Law of this file: no structure is relied on. It is the last resort for every body that cannot be parsed, so in doubt it
removes.
"""

import re
from urllib.parse import quote, unquote

from proxy.redaction.cards import find_cards
from proxy.redaction.keys import Telling
from proxy.redaction.tokens import Tokens, is_token

_SHORTEST = len("cvc=123")
_SKIP = r"(?:\W{1,8}|\s[^<>\r\n]{0,64}>\s{0,8}|\"[^\r\n]{0,64}\r?\n(?:[^\r\n]{1,200}\r?\n){0,4}\r?\n)"
_CVC = re.compile(
    r"(?i)(?:c[av]v2?|cvc|cvn|csc|security[ _-]?code|(?:verification|validation)[ _-]?(?:code|value))"
    rf"[\w\]]{{0,16}}?{_SKIP}([0-9]{{3,4}})(?![0-9])"
)
_NAMED = re.compile(
    r"(?i)(?:passw(?:or)?d|passphrase|secret|secret[_-]?key|api[_-]?key|private[_-]?key"
    r"|(?:access|refresh|id|auth|session|csrf)[_-]?token)\\?[\"'\]]{0,3}\s{0,4}[=:>]\s{0,4}\\?[\"']?([^\s\"'&<>,;\\]{3,4096})"
)
_BEARER = re.compile(r"(?i)\b(?:bearer\s{1,4}((?=[^\s\"',;]{0,4096}[0-9])[^\s\"',;]{4,4096}|[^\s\"',;]{16,4096}))")
_BASIC = re.compile(r"(?i)authorization\W{1,6}basic\s{1,4}([\w+/=-]{4,4096})")
_KEYS = re.compile(
    r"\b((?:sk|rk)_(?:live|test)_\w{4,512}|whsec_\w{4,512}|eyJ[\w-]{8,8192}\.[\w-]{8,8192}\.[\w-]{0,8192})"
)
_SECRETS = (_BEARER, _BASIC, _NAMED, _KEYS)
_HINT = re.compile(
    r"(?i)c[av]v|cvc|cvn|csc|code|value|passw|passphrase|secret|key|token|bearer|basic|sk_|rk_|whsec_|eyj"
)
_ENCODED = re.compile(r"[^\s\"'<>&=?;,]*%3[0-9][^\s\"'<>&=?;,]*")
_ESCAPED_DIGIT = re.compile(r"\\u003([0-9])")


def scan(text: str, tokens: Tokens) -> str:
    """The text without its secrets; the very same object if there were none. Raises cards.TooManyCandidates."""
    if len(text) < _SHORTEST:
        return text
    if "\\u003" in text and find_cards(clear := _ESCAPED_DIGIT.sub(r"\1", text)):
        text = clear
    if "%3" in text:
        text = _ENCODED.sub(lambda match: _decoded(match[0], tokens), text)
    text = _without_cards(text, tokens)
    return _without_named(text, tokens) if _HINT.search(text) else text


def _decoded(word: str, tokens: Tokens) -> str:
    clear = unquote(word)
    clean = _without_cards(clear, tokens)
    return word if clean == clear else quote(clean, safe="/:")


def _without_cards(text: str, tokens: Tokens) -> str:
    parts: list[str] = []
    place = 0
    for card in find_cards(text):
        parts += text[place : card.start], tokens.card(card.digits)
        place = card.end
    return "".join(parts) + text[place:] if parts else text


def _without_named(text: str, tokens: Tokens) -> str:
    text = _CVC.sub(lambda match: _replaced(match, Telling.CVC.mark), text)
    for pattern in _SECRETS:
        text = pattern.sub(lambda match: _replaced(match, _secret(match[1], tokens)), text)
    return text


def _secret(value: str, tokens: Tokens) -> str:
    return value if is_token(value) else tokens.secret(value.encode(errors="surrogatepass"))


def _replaced(match: re.Match[str], token: str) -> str:
    start = match.start()
    return match[0][: match.start(1) - start] + token + match[0][match.end(1) - start :]
