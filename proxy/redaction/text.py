"""Secrets in running text: card numbers, cookies, credentials, API keys, and what follows a telling word.

Law of this file: no structure is relied on. It is the last resort for every body that cannot be parsed, so in doubt it
removes.
"""

import re
from functools import partial
from urllib.parse import quote, unquote

from proxy.redaction.cards import find_cards
from proxy.redaction.keys import Telling
from proxy.redaction.tokens import Tokens, is_token

_SHORTEST = len("cvc=123")
_SIGN = r"(?:\W|%[0-9a-f]{2}){1,8}"
_ATTRIBUTES = r"\s[^<>\r\n]{0,64}>\s{0,8}"
_INPUT = r"\\?[\"'][^<>]{0,96}?\bvalue\s{0,4}=\s{0,4}\\?[\"']?"  # HTML: name="…" value="
_PART = r"\"[^\r\n]{0,64}\r?\n(?:[^\r\n]{1,200}\r?\n){0,4}\r?\n"  # of a multipart form
_CVC_WORDS = (
    r"(?:c[av]v2?|cvc(?!_removed)|cvn|csc|cv2|security(?:[ _-]?|\\?[>\"\]]\W{0,7})code"
    r"|(?:verification|validation)[ _-]?(?:code|value))"
)
_CVC = re.compile(
    rf"(?i){_CVC_WORDS}(?:[\w\]]|%5d){{0,16}}?(?:{_SIGN}|{_ATTRIBUTES}|{_INPUT}|{_PART})([0-9]{{3,4}})(?![0-9])"
)


def _before(words: str, digits: str) -> re.Pattern[str]:
    """An HTML input whose value comes before its name."""
    name = rf"\b(?:name|id)\s{{0,4}}=\s{{0,4}}\\?[\"']?[^\s\"'<>]{{0,24}}?{words}"
    return re.compile(rf"(?i)\bvalue\s{{0,4}}=\s{{0,4}}\\?[\"']?({digits})(?![0-9])\\?[\"']?[^<>]{{0,96}}?{name}")


def _word(word: str, digits: str) -> re.Pattern[str]:
    """A short word as a name: it stands alone, and a sign or a tag's attributes follow."""
    start = r"(?:(?<![a-z0-9])|(?<=%5b))(?:card|encrypted)?[_-]?"
    sign = rf"(?=[ ]?(?:[\"'=:>\\]|%[3-7])){_SIGN}"
    return re.compile(
        rf"(?i)(?:{start}{word}(?:\]|%5d)?(?:{sign}|{_INPUT}|{_PART})|[<:]{word}{_ATTRIBUTES})({digits})(?![0-9])"
    )


_CODES = (
    ("", _CVC, Telling.CVC.mark),
    ("value", _before(_CVC_WORDS, "[0-9]{3,4}"), Telling.CVC.mark),
    ("cid", _word("cid", "[0-9]{3,4}"), Telling.CVC.mark),
    ("pin", _word("pin", "[0-9]{4,12}"), Telling.PIN.mark),
    ("pin", _before(r"(?<![a-z0-9])(?:card)?pin\b", "[0-9]{4,12}"), Telling.PIN.mark),
    ("pin", _word("pin[_-]?block", "[0-9a-f]{16,64}"), Telling.PIN.mark),
)
"""A word in lower case without which the pattern finds nothing, the pattern, and what stands for the code."""

_END = r"(?:[\\\"'\]]|%5d|%22){0,4}\s{0,4}"
_IS = rf"{_END}(?:[=:>]|%3d)\s{{0,4}}\\?[\"']?"
_ONE = r"[^\s\"'&<>,;\\]"
_NAMED = re.compile(
    r"(?i)(?:passw(?:or)?d|passphrase|secret|secret[_-]?key|api[_-]?key|private[_-]?key|session[_-]?(?:id|key)|sessid"
    rf"|cookie|(?:access|refresh|id|auth|session|csrf)[_-]?token)(?:{_IS}|{_INPUT})({_ONE}{{3,4096}})"
)
_TOKEN = re.compile(  # "token: x" may be prose: without quotes it needs a digit or some length
    rf"(?i)(?<!page)(?<!page[_-])token(?:{_INPUT}|{_END}(?:[=>]\s{{0,4}}\\?[\"']?|%3d|:\s{{0,4}}\\?[\"']"
    rf"|:\s{{0,4}}(?={_ONE}{{0,64}}[0-9]|{_ONE}{{16}})))({_ONE}{{3,4096}})"
)
_COOKIE = re.compile(r"(?i)\bcookie2?\s{0,4}:\s{0,4}([^\s\"'\\<][^\r\n]{3,})")
_COOKIE_QUOTED = re.compile(r"(?i)\bcookie2?\\?[\"']?\s{0,4}[:=]\s{0,4}\\?\"((?:[^\r\n\"\\]|\\.){4,})")
_COOKIE_SINGLE = re.compile(r"(?i)\bcookie2?[\"']?\s{0,4}[:=]\s{0,4}'([^\r\n']{4,})")
_COOKIE_TAG = re.compile(r"(?i)\bcookie2?>\s{0,4}([^\r\n<]{4,})")
_AUTHORIZED = r"authorization\\?[\"']?\s{0,4}[:=>]\s{0,4}\\?[\"']?"
_PARAMETERS = re.compile(
    rf"(?i){_AUTHORIZED}[a-z][\w-]{{0,31}}\s{{1,4}}((?=[\w-]{{1,32}}\s?=\s?[\"\\\w])[^\r\n]{{3,}})"
)
_CREDENTIALS = re.compile(
    rf"(?i)(?:{_AUTHORIZED}(?:(?:basic|token|digest|negotiate|ntlm|api-?key)\s{{1,4}}"
    rf"|(?:[a-z][\w-]{{0,31}}\s{{1,4}})?(?={_ONE}{{16}})"
    rf"|[a-z][\w-]{{0,31}}\s{{1,4}}(?={_ONE}{{0,64}}[0-9])(?={_ONE}{{0,64}}[a-z]))"
    rf"|authorization\W{{1,6}}basic\s{{1,4}})({_ONE}{{3,4096}})"
)
_BEARER = re.compile(r"(?i)\b(?:bearer\s{1,4}((?=[^\s\"',;]{0,4096}[0-9])[^\s\"',;]{4,4096}|[^\s\"',;]{16,4096}))")
_KEYS = re.compile(
    r"\b((?:sk|rk)_(?:live|test)_\w{4,512}|whsec_\w{4,512}|eyJ[\w-]{8,8192}\.[\w-]{8,8192}\.[\w-]{0,8192})"
)
_SECRETS = (
    ("cookie", _COOKIE),
    ("cookie", _COOKIE_QUOTED),
    ("cookie", _COOKIE_SINGLE),
    ("cookie", _COOKIE_TAG),
    ("authorization", _PARAMETERS),
    ("bearer", _BEARER),
    ("authorization", _CREDENTIALS),
    ("", _NAMED),
    ("token", _TOKEN),
    ("", _KEYS),
)
_HINT = re.compile(
    r"(?i)c[av]v|cv2|cvc|cvn|csc|cid|pin|code|value|passw|passphrase|secret|key|token|bearer|sk_|rk_|whsec_|eyj"
    r"|cookie|sess|authorization"
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
    lower = text.lower()
    for word, pattern, mark in _CODES:
        if word in lower:
            text = pattern.sub(partial(_replaced, token=mark), text)
    for word, pattern in _SECRETS:
        if word in lower:
            text = pattern.sub(lambda match: _replaced(match, _secret(match[1], tokens)), text)
    return text


def _secret(value: str, tokens: Tokens) -> str:
    return value if is_token(value) else tokens.secret(value.encode(errors="surrogatepass"))


def _replaced(match: re.Match[str], token: str) -> str:
    start = match.start()
    return match[0][: match.start(1) - start] + token + match[0][match.end(1) - start :]
