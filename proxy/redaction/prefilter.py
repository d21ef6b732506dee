"""The cheap questions that settle nearly every message: could there be anything to redact at all?

Law of this file: it may say yes in vain, never no in vain. Its searches are linear in any input.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable

from proxy.redaction.cards import OTHER_DIGIT, find_cards
from proxy.redaction.credentials import PATTERN
from proxy.redaction.iban import COUNTRIES, find_ibans
from proxy.redaction.linear import INLINE_TAG, Questions, Search
from proxy.redaction.packed import GZIP, PIECE, SHORTEST, decoded, text_of
from proxy.redaction.words import CARD_WORDS, NAME_PARENTS, TELLING_WORDS, WHOLE_NAMES

_GAP = rf"(?:[ \t\-._/+\x80-\xbf\xc2\xe2\xe3\xef]|%20|%2d|%2b|%09|%c2%a0|&nbsp;|{INLINE_TAG})"
_LONGEST = 128
_SIGN = r"\s*[\]\"'=:>\\%]"
_MASK = r"(?:[*x#]|\xe2\x80\xa2|\xc2\xb7|\xe2\x88\x97)"
_MASKED = (
    rf"(?:{_MASK}[ -]?){{3}}[0-9]{{2}}|[0-9]{{2}}[ -]?(?:{_MASK}[ -]?){{4}}|\bend(?:ing|s)\b[^0-9]{{0,12}}[0-9]{{4}}"
)
_CONTACT = r"@(?:[a-z0-9_\x80-\xff-]+\.)+[a-z\x80-\xff]|://[^/\s@]*:[^/\s@]+@|\bbasic\s+[0-9a-z+/_-]{8}"


def _any_of(words: tuple[str, ...]) -> str:
    return "|".join("[_. -]?".join(re.escape(letter) for letter in word) for word in words)


_DIGITS = rf"[0-9](?:{_GAP}*[0-9]){{12}}"
_IBAN = rf"(?:^|[^0-9a-z])(?:{'|'.join(COUNTRIES)}){_GAP}*[0-9]{_GAP}*[0-9](?:{_GAP}*[0-9a-z]){{11}}"
_TELLING = f"{_any_of(TELLING_WORDS)}|(?:{_any_of(WHOLE_NAMES)})(?:{_SIGN}|[ ][^<>]*>)|{PATTERN}|{_MASKED}|{_CONTACT}"
_SPELLED = r"\\|%[2-7][0-9a-f]"
_ESCAPED = r"\\[u/t0x]|%[0-9a-f]{2}|&#"
_RUN = re.compile(rb"[0-9A-Za-z+/_-]{%d,}" % SHORTEST)
"""No question to RE2: in one with the others it makes more states than are remembered, and each new id costs 100 µs."""

_QUESTIONS = Questions(
    _TELLING, f"name{_SIGN}", _any_of(NAME_PARENTS), _any_of(CARD_WORDS), _ESCAPED, _SPELLED, _DIGITS, _IBAN
)
_IS_TELLING, _IS_NAME, _IS_PARENT, _IS_CARD, _IS_ESCAPED, _IS_SPELLED, _IS_DIGITS, _IS_IBAN = range(8)

_ALL_DIGITS, _ALL_IBANS = Search(_DIGITS + f"(?:{_GAP}*[0-9])*"), Search(_IBAN)


def has_digits(text: bytes) -> bool:
    """Whether 13 digits stand together, with or without separators."""
    return _IS_DIGITS in _QUESTIONS.answers(text)


def has_telling_word(text: bytes) -> bool:
    """Whether a word or form is in the text that announces a secret or a person."""
    return _tells(_asked(text))


def has_card_word(text: bytes) -> bool:
    """Whether a word is in the text that announces a card number."""
    return _IS_CARD in _asked(text)


def is_spelled(text: bytes) -> bool:
    """Whether letters or digits may be escaped, so that a search for them proves nothing."""
    return (b"\\" in text or b"%" in text) and _IS_SPELLED in _QUESTIONS.answers(text)


def is_clean(text: bytes, codec: str = "latin-1") -> bool:
    """Whether searches alone tell that nothing is to be redacted. Raises TooManyCandidates."""
    found = _asked(text)
    if _tells(found) or _IS_ESCAPED in found:
        return False
    if not text.isascii() and OTHER_DIGIT.search(text.decode(codec, "surrogatepass")):
        return False
    if _IS_DIGITS in found and (_IS_CARD in found or _holds(find_cards, _ALL_DIGITS, text, codec)):
        return False
    if _IS_IBAN in found and _holds(find_ibans, _ALL_IBANS, text, codec):
        return False
    return not any(map(_hides, _RUN.findall(text)))


def _asked(text: bytes) -> list[int]:
    """The answers, also about the text without accents."""
    answers = _QUESTIONS.answers(text)
    return answers if text.isascii() else answers + _QUESTIONS.answers(_without_accents(text))


def _tells(found: list[int]) -> bool:
    return _IS_TELLING in found or (_IS_NAME in found and _IS_PARENT in found)


def _holds(find: Callable[[str], Iterable[object]], where: Search, text: bytes, codec: str) -> bool:
    """Whether something is found near one of the places. A sign cut in two at an edge counts as another one."""
    pieces = (text[max(0, start - 1) : end + _LONGEST] for start, end in where.spans(text))
    return any(any(True for _ in find(piece.decode(codec, "replace"))) for piece in pieces)


def _hides(run: bytes) -> bool:
    """Whether base64 holds what is not clean, as a whole or between two signs that may be none of it."""
    if run.islower() or run.isupper() or run.isdigit():
        return False
    spelled = run.decode("ascii")
    octets = decoded(spelled)
    if octets is not None and octets.startswith(GZIP):
        return True
    if octets is not None and text_of(octets) is not None:
        return not is_clean(octets, "utf-8")
    return not run.isalnum() and any(_hides(piece.encode()) for piece in PIECE.findall(spelled))


def _without_accents(text: bytes) -> bytes:
    parts = unicodedata.normalize("NFKD", text.decode("utf-8", "replace").lower())
    return "".join([sign for sign in parts if not unicodedata.combining(sign)]).encode(errors="replace")
