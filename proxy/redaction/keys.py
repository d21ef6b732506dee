"""What the name of a field or header tells about its value.

Law of this file: names are judged without case, accents and separators: `securityCode` and `Security-Code` are one.
"""

import re
import unicodedata
from enum import Enum, auto
from functools import lru_cache

from proxy.redaction.tokens import Sort, ends_in_token
from proxy.redaction.words import (
    ACCOUNT_ENDINGS,
    BIRTH_NAMES,
    CARD_ENDINGS,
    CARD_NAMES,
    CODE_PARENTS,
    CVC_ENDINGS,
    CVC_NAMES,
    EMAIL_ENDINGS,
    IBAN_ENDINGS,
    NAME_PARENTS,
    NO_SECRET_ENDINGS,
    PART_ENDINGS,
    PART_NAMES,
    PERSON_ENDINGS,
    PERSON_NAMES,
    PHONE_ENDINGS,
    PIN_NAMES,
    SECRET_ENDINGS,
    SECRET_NAMES,
    SECRET_PARENTS,
    SEPARATORS,
    TRACK_NAMES,
    WHOLE_ENDINGS,
)

_SEPARATORS = str.maketrans("", "", SEPARATORS)
_LONG_NAME = 128
_PATH = re.compile(r"[.:/]|\]?\[")


class Telling(Enum):
    """What kind of value a name announces."""

    NOTHING = auto()
    CARD = auto()
    CVC = auto()
    CVC_IF_DIGITS = auto()  # `cid` may be an American Express CVC, or any id
    PIN = auto()
    TRACK = auto()
    SECRET = auto()
    PART = auto()  # the first or the last digits of a card number
    IBAN = auto()
    ACCOUNT = auto()
    EMAIL = auto()
    PHONE = auto()
    PERSON = auto()
    WHOLE_PERSON = auto()  # the same, and for each value below: a date of birth in parts

    @property
    def mark(self) -> str:
        """The constant that stands for a value that may not even be tokenised (PCI DSS 3.3.1)."""
        return f"{self.name.lower()}_removed"


DROPPED = frozenset({Telling.CVC, Telling.PIN, Telling.TRACK})
INHERITED = DROPPED | {Telling.WHOLE_PERSON}
"""What holds for all that is below a name."""

SORTS = {
    Telling.SECRET: Sort.SECRET,
    Telling.PART: Sort.PART,
    Telling.IBAN: Sort.IBAN,
    Telling.ACCOUNT: Sort.ACCOUNT,
    Telling.EMAIL: Sort.EMAIL,
    Telling.PHONE: Sort.PHONE,
    Telling.PERSON: Sort.PERSON,
    Telling.WHOLE_PERSON: Sort.PERSON,
}
"""What becomes a token because of its name alone, and of which sort."""

_ENDINGS = (
    (CVC_ENDINGS, Telling.CVC),
    (CARD_ENDINGS, Telling.CARD),
    (PART_ENDINGS, Telling.PART),
    (IBAN_ENDINGS, Telling.IBAN),
    (EMAIL_ENDINGS, Telling.EMAIL),
    (PHONE_ENDINGS, Telling.PHONE),
    (ACCOUNT_ENDINGS, Telling.ACCOUNT),
    (WHOLE_ENDINGS, Telling.WHOLE_PERSON),
    (PERSON_ENDINGS, Telling.PERSON),
)
_NAMES = {
    **dict.fromkeys(PERSON_NAMES, Telling.PERSON),
    **dict.fromkeys(BIRTH_NAMES, Telling.WHOLE_PERSON),
    **dict.fromkeys(PART_NAMES, Telling.PART),
    **dict.fromkeys(SECRET_NAMES, Telling.SECRET),
    **dict.fromkeys(CARD_NAMES, Telling.CARD),
    **dict.fromkeys(TRACK_NAMES, Telling.TRACK),
    **dict.fromkeys(PIN_NAMES, Telling.PIN),
    **dict.fromkeys(CVC_NAMES, Telling.CVC),
}


def plain(name: str) -> str:
    """The name in lower case and without separators and accents."""
    if not name.isascii():
        parts = unicodedata.normalize("NFKD", name)
        name = "".join([sign for sign in parts if not unicodedata.combining(sign)])
    return name.lower().translate(_SEPARATORS)


def telling(name: str, parent: str = "") -> Telling:
    """What the field's name announces; `parent` is the name of the object that holds it (`card` and `number`)."""
    if len(name) > _LONG_NAME or len(parent) > _LONG_NAME:
        return _judged(name[-_LONG_NAME:], parent[-_LONG_NAME:])
    return _remembered(name, parent)


def _judged(name: str, parent: str) -> Telling:
    if ends_in_token(name):
        return Telling.NOTHING
    kind = _of_word(plain(name), plain(parent))
    if kind is Telling.NOTHING and (parts := _PATH.split(name))[1:]:  # `card.number`, `card:number`
        return _of_word(plain(parts[-1]), plain(parts[-2]))
    return kind


def _of_word(word: str, above: str) -> Telling:
    known = _NAMES.get(word)
    if known is not None:
        return known
    for endings, kind in _ENDINGS:
        if word.endswith(endings):
            return kind
    if word.endswith("cid") or (word == "code" and above.endswith(CODE_PARENTS)):
        return Telling.CVC_IF_DIGITS
    if word == "number" and "card" in above:
        return Telling.CARD
    if word == "name" and above.endswith(NAME_PARENTS):
        return Telling.PERSON
    return Telling.SECRET if _is_secret(word, above) else Telling.NOTHING


_remembered = lru_cache(4096)(_judged)


def _is_secret(word: str, parent: str) -> bool:
    return parent in SECRET_PARENTS or (word.endswith(SECRET_ENDINGS) and not word.endswith(NO_SECRET_ENDINGS))
