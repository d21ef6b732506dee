"""What stands where a secret stood: a keyed token, so that equal values stay equal and nothing can be guessed back.

Law of this file: no unkeyed hash of a value ever leaves it, and a token holds no decimal digit, so that it can never be
taken for a card number again. A token names its key, so that a key can be replaced and old tokens be told apart.
"""

import hmac
import re
from enum import StrEnum

_LETTERS = str.maketrans("0123456789", "ghjkmnpqrs")
_KEY_ID_LENGTH = 4


class Sort(StrEnum):
    """What a token stands for: its first word."""

    PAN = "pan"
    PART = "part"  # the first six or the last four of a card number, or a masked one
    IBAN = "iban"
    ACCOUNT = "account"
    EMAIL = "email"
    PHONE = "phone"
    PERSON = "person"  # a name, an address, a date of birth
    SECRET = "secret"  # noqa: S105  # the word that its tokens begin with
    BODY = "body"


_TOKEN = re.compile(rf"(?:{'|'.join(Sort)})_(?:[a-hjkmnp-s]{{{_KEY_ID_LENGTH}}}_)?[a-hjkmnp-s]{{16}}\Z")
_REMOVED = re.compile(rf"(?:{'|'.join(Sort)})_removed\Z")


class Tokens:
    """Makes tokens from one key, such as `pan_hbqk_dmpqrgahbcnjekps`: the key's id, then 64 bits of HMAC-SHA-256."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError(f"the redaction key has {len(key)} bytes; it needs at least 16")
        self._hmac = hmac.new(key, digestmod="sha256")
        self.key_id = self._letters("key id", b"")[:_KEY_ID_LENGTH]

    def card(self, digits: str) -> str:
        return self.of(Sort.PAN, digits)

    def secret(self, value: bytes) -> str:
        return self._make(Sort.SECRET, value)

    def body(self, body: bytes) -> str:
        return self._make(Sort.BODY, body)

    def of(self, sort: Sort, text: str) -> str:
        return self._make(sort, text.encode(errors="surrogatepass"))

    def _make(self, sort: Sort, value: bytes) -> str:
        return f"{sort}_{self.key_id}_{self._letters(sort, value)}"

    def _letters(self, label: str, value: bytes) -> str:
        state = self._hmac.copy()
        state.update(label.encode() + b"\0" + value)
        return state.hexdigest()[:16].translate(_LETTERS)


class Removed(Tokens):
    """For words of our own that nobody compares, such as logs: no key, and one constant for all values of a sort."""

    def __init__(self) -> None:
        self.key_id = ""

    def _make(self, sort: Sort, value: bytes) -> str:
        return f"{sort}_removed"


def is_token(text: str) -> bool:
    """Whether the whole text is a token already: of this key, of another, or of the time when they named no key."""
    return _TOKEN.match(text) is not None or _REMOVED.match(text) is not None


def ends_in_token(text: str) -> bool:
    """Whether a name was redacted itself: its last letters are a token's, and spell nothing."""
    return _TOKEN.search(text) is not None
