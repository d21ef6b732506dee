"""What the name of a field or header tells about its value.

Law of this file: names are judged without case and separators: `securityCode` and `Security-Code` are one.
"""

from enum import Enum, auto

_SEPARATORS = str.maketrans("", "", "_-. []")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_CVC_ENDINGS = _words(
    "cvc cvc2 cvv cvv2 cvn cvn2 csc cav2 cvccode cvvcode cvcnumber cvvnumber securitycode cardverificationcode"
    " cardverificationvalue cardvalidationcode verificationvalue"
)
_CVC_NAMES = frozenset(_words("cv2 cv2code cv2number cardcv2"))
_CODE_PARENTS = ("security", "verification")
_PIN_NAMES = frozenset(_words("pin pinblock encryptedpinblock cardpin encryptedpin"))
_TRACK_NAMES = frozenset(
    _words("track1 track2 track1data track2data trackdata track2equivalentdata magstripe magneticstripe")
)
_CARD_ENDINGS = _words("cardnumber cardno cardnum ccnumber ccnum primaryaccountnumber creditcard debitcard")
_CARD_NAMES = frozenset(_words("pan cardpan dpan fpan"))
_SECRET_ENDINGS = _words(
    "password passwd passphrase secret secretkey apikey privatekey accesskey authorization"
    " token cookie sessionid sessid sessionkey"
)
_NO_SECRET_ENDINGS = _words("pagetoken")  # where a list goes on
_SECRET_PARENTS = frozenset(_words("cookie cookies"))


class Telling(Enum):
    """What kind of value a name announces."""

    NOTHING = auto()
    CARD = auto()
    CVC = auto()
    CVC_IF_DIGITS = auto()  # `cid` may be an American Express CVC, or any id
    PIN = auto()
    TRACK = auto()
    SECRET = auto()

    @property
    def mark(self) -> str:
        """The constant that stands for a value that may not even be tokenised (PCI DSS 3.3.1)."""
        return f"{self.name.lower()}_removed"


DROPPED = frozenset({Telling.CVC, Telling.PIN, Telling.TRACK})

TELLING_WORDS = _words(
    "cvc cvv cvn csc cav2 cv2 securitycode security] security> verification validationcode pinblock cardpin"
    " encryptedpin track1 track2 trackdata magstripe magneticstripe passw passphrase secret apikey privatekey accesskey"
    " bearer token cookie sessionid sessid sessionkey authorization sklive sktest rklive rktest whsec eyj"
    ' security" pin" pin= pin] pin> pin: <pin :pin cid" cid= cid] cid> cid: <cid :cid'
    " pin' cid'"
)
"""Words in lower case, without separators: one is in every text that holds a name or pattern of a secret."""

CARD_WORDS = _words("card ccnum primaryaccount pan")
"""The same for names that announce a card number."""


def plain(name: str) -> str:
    """The name in lower case and without separators."""
    return name.lower().translate(_SEPARATORS)


def telling(name: str, parent: str = "") -> Telling:
    """What the field's name announces; `parent` is the name of the object that holds it (`card` and `number`)."""
    word = plain(name)
    if word.endswith(_CVC_ENDINGS) or word in _CVC_NAMES:
        return Telling.CVC
    if word.endswith("cid") or (word == "code" and plain(parent).endswith(_CODE_PARENTS)):
        return Telling.CVC_IF_DIGITS
    if word in _PIN_NAMES:
        return Telling.PIN
    if word in _TRACK_NAMES:
        return Telling.TRACK
    if word in _CARD_NAMES or word.endswith(_CARD_ENDINGS) or (word == "number" and "card" in plain(parent)):
        return Telling.CARD
    return Telling.SECRET if _is_secret(word, plain(parent)) else Telling.NOTHING


def _is_secret(word: str, parent: str) -> bool:
    return parent in _SECRET_PARENTS or (word.endswith(_SECRET_ENDINGS) and not word.endswith(_NO_SECRET_ENDINGS))
