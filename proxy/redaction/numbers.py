"""Card numbers, track data, masked card numbers and IBANs in running text.

Law of this file: a token never stands beside digits of the same number (PCI DSS 3.3.1, 3.5.1), so masked numbers and
"ending in 1111" become tokens as well.
"""

import re
from functools import partial

from proxy.redaction.cards import find_cards, has_issuer, luhn, with_plain_digits
from proxy.redaction.iban import find_ibans
from proxy.redaction.tokens import Sort, Tokens

TRACK_REMOVED = "track_removed"
_TRACK = re.compile(
    r"%?[Bb]([0-9]{13,19})\^[^^\r\n]{2,64}\^[0-9=]{4,64}[^?\s\"'<&]{0,128}\??|;?([0-9]{13,19})[=D][0-9]{7,32}\??"
)
_CODE_BEHIND = re.compile(
    r"(pan_[a-z_]{7,21}[\s|:;,/]{1,3}(?:0?[1-9]|1[0-2])[\s|:;,/-]{0,3}(?:20)?[0-9]{2}[\s|:;,/]{1,3})[0-9]{3,4}(?![0-9])"
)
_MASK = r"[*xX\u2022\u00b7#\u2217]"
_MASKED = re.compile(
    rf"(?<![0-9A-Za-z])(?:[0-9]{{4}}[ -]?[0-9]{{0,4}}[ -]?)?(?:{_MASK}[ -]?){{3,15}}[0-9]{{2,4}}(?![0-9A-Za-z])"
    rf"|(?<![0-9A-Za-z])[0-9]{{4}}[ -]?[0-9]{{2,4}}[ -]?(?:{_MASK}[ -]?){{4,13}}(?![0-9A-Za-z])"
)
_ENDING = re.compile(r"(?i)\bend(?:ing|s)(?:\s(?:in|with|on))?[\s:#*.]{1,4}([0-9]{4})(?![0-9])")
_LAST = re.compile(r"(?i)(?:last|first)[ _-]?(?:4|four|6|six)(?:[ _-]?digits)?[\s\\\"'=:>]{1,8}([0-9]{4,8})(?![0-9])")


def without_numbers(text: str, tokens: Tokens) -> str:
    """The text without these; the very same object if there were none. Raises cards.TooManyCandidates."""
    if "^" in text or "=" in text or "D" in text:
        text = _TRACK.sub(_without_track, text)
    clean = without_cards(text, tokens)
    if clean is not text:  # number|month|year|code
        clean = _CODE_BEHIND.sub(r"\1cvc_removed", clean)
    return _without_parts(without_ibans(clean, tokens), tokens)


def without_cards(text: str, tokens: Tokens) -> str:
    parts: list[str] = []
    place = 0
    for card in find_cards(text):
        parts += text[place : card.start], tokens.card(card.digits)
        place = card.end
    return "".join(parts) + text[place:] if parts else text


def without_ibans(text: str, tokens: Tokens) -> str:
    parts: list[str] = []
    place = 0
    for iban in find_ibans(with_plain_digits(text)):
        parts += text[place : iban.start], tokens.of(Sort.IBAN, iban.signs)
        place = iban.end
    return "".join(parts) + text[place:] if parts else text


def _without_track(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    return TRACK_REMOVED if has_issuer(digits) and luhn(digits) else match[0]


def _without_parts(text: str, tokens: Tokens) -> str:
    text = _MASKED.sub(lambda match: tokens.of(Sort.PART, match[0]), text)
    for pattern in (_ENDING, _LAST):
        text = pattern.sub(partial(_part, tokens), text)
    return text


def _part(tokens: Tokens, match: re.Match[str]) -> str:
    return match[0][: match.start(1) - match.start()] + tokens.of(Sort.PART, match[1])
