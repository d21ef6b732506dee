"""The cheap question that nearly every message answers: could there be anything to redact at all?

Law of this file: it may say yes in vain, never no in vain. It is the reason why clean traffic costs microseconds.
"""

import re

from proxy.redaction.keys import PREFILTER

_LOWER = bytes(byte + 32 if 65 <= byte <= 90 else byte for byte in range(256))
_DROP = b"_-. "
_GAP = rb"(?:[ \t\-._/+\x80-\xbf\xc2\xe2]|%20|%2[dDbB]|%09)"
_DIGITS = re.compile(rb"[0-9](?:" + _GAP + rb"{0,9}[0-9]){12}")
_SPELLED = re.compile(rb"\\u00[3-7]|%[3-7][0-9a-fA-F]")
_EXPONENT = re.compile(rb"\.[0-9]{12,18}[eE]")


def has_card_like(text: bytes) -> bool:
    """Whether 13 digits stand together, with or without separators, or digits are spelled in another way."""
    return _DIGITS.search(text) is not None or is_spelled(text)


def is_spelled(text: bytes) -> bool:
    """Whether ordinary letters or digits are escaped, so that a search for them proves nothing."""
    return (b"\\u00" in text or b"%" in text) and _SPELLED.search(text) is not None


def has_telling_word(text: bytes) -> bool:
    """Whether a word is in the text that announces a secret."""
    plain = text.translate(_LOWER, _DROP)
    return any(word in plain for word in PREFILTER)


def is_suspicious(text: bytes) -> bool:
    return has_card_like(text) or has_telling_word(text)
