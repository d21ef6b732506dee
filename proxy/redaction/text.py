"""Secrets in running text: unpack, then numbers, names, credentials and contacts, in this order.

Law of this file: no structure is relied on. It is the last resort for every body that cannot be parsed, so in doubt it
removes. What it gives back it would leave alone a second time.
"""

from functools import partial

from proxy.redaction.contacts import without_contacts
from proxy.redaction.named_text import without_named
from proxy.redaction.numbers import without_numbers
from proxy.redaction.packed import MAX_DEPTH, Cleaner, base64_cleaned, percent_cleaned, unescaped
from proxy.redaction.prefilter import has_telling_word, is_clean
from proxy.redaction.tokens import Sort, Tokens, is_token

SHORTEST = len("cvc=123")
"""Characters below which a text holds nothing."""
_LEAST_DIGITS = 13


def scan(text: str, tokens: Tokens, depth: int = 0) -> str:
    """The text without its secrets; the very same object if there were none. Raises cards.TooManyCandidates.

    `depth`: in how many packings it was.
    """
    if len(text) < SHORTEST or (len(text) < _LEAST_DIGITS and text.isalnum()):
        return text
    return text if is_clean(text.encode(errors="surrogatepass"), "utf-8") else searched(text, tokens, depth)


def searched(text: str, tokens: Tokens, depth: int = 0) -> str:
    """The same without asking the prefilter first."""
    clean = without_numbers(_unpacked(text, tokens, depth), tokens)
    if has_telling_word(clean.encode(errors="surrogatepass")):
        clean = without_contacts(without_named(clean, tokens), tokens)
    return text if clean == text else clean


def _unpacked(text: str, tokens: Tokens, depth: int) -> str:
    inner: Cleaner = partial(scan, tokens=tokens, depth=depth + 1) if depth < MAX_DEPTH else partial(_opaque, tokens)
    text = percent_cleaned(unescaped(text, inner), inner)
    return base64_cleaned(text, inner, partial(_opaque, tokens))


def _opaque(tokens: Tokens, text: str) -> str:
    return text if is_token(text) else tokens.of(Sort.SECRET, text)
