"""One named value: what is stored in its place.

Law of this file: a value is judged by its name first, then by what it holds. Nothing that is announced as a secret is
looked at any further.
"""

import re
from dataclasses import dataclass

from proxy.redaction.cards import with_plain_digits
from proxy.redaction.iban import is_iban
from proxy.redaction.keys import DROPPED, SORTS, Telling
from proxy.redaction.text import scan
from proxy.redaction.tokens import Sort, Tokens, is_token

_CARD_LIKE = re.compile(r"[0-9](?:[ \-./_+\xa0]{0,3}[0-9]){12,18}\Z")
_CODE = re.compile(r"\s*[0-9]{3,4}\s*\Z")
_NOT_SIGN = re.compile(r"[^0-9A-Za-z]")
_NOT_DIGIT = re.compile(r"[^0-9]")
_MARKS = frozenset(kind.mark for kind in DROPPED)


@dataclass(frozen=True, slots=True)
class Values:
    """Replaces single values with one set of tokens."""

    tokens: Tokens

    def named(self, text: str, telling: Telling, by_rule: bool) -> str:
        """What to store for a value whose name announces `telling`, or that a rule names. Raises TooManyCandidates."""
        if telling is Telling.NOTHING and not by_rule:
            return scan(text, self.tokens)
        if not text or text in _MARKS or is_token(text):
            return text
        if telling in DROPPED:
            return telling.mark
        if telling is Telling.CVC_IF_DIGITS and _CODE.match(text):
            return Telling.CVC.mark
        if (by_rule or telling is Telling.CARD) and _CARD_LIKE.match(digits := with_plain_digits(text).strip()):
            return self.tokens.card(_NOT_DIGIT.sub("", digits))
        if telling in SORTS:
            return self._token(text, SORTS[telling])
        return self.tokens.of(Sort.SECRET, text) if by_rule else scan(text, self.tokens)

    def _token(self, text: str, sort: Sort) -> str:
        """A value that its name alone condemns. An IBAN has one token however it is grouped."""
        signs = _NOT_SIGN.sub("", text).upper()
        return self.tokens.of(Sort.IBAN, signs) if is_iban(signs) else self.tokens.of(sort, text)
