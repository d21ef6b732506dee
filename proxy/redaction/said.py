"""Words of our own that may quote what came over the wire: logs, reasons, audit entries.

Law of this file: no key is needed. Nobody compares such words, so a constant stands for each value (`pan_removed`).
"""

from proxy.redaction.cards import TooManyCandidates
from proxy.redaction.numbers import without_numbers
from proxy.redaction.text import scan
from proxy.redaction.tokens import Removed

_REMOVED = Removed()


def without_card_data(text: str) -> str:
    """The text without card numbers, track data, masked numbers and IBANs; people may name themselves. Never raises."""
    try:
        return without_numbers(text, _REMOVED)
    except TooManyCandidates:
        return _unreadable(text)


def scrubbed(text: str) -> str:
    """The text without card numbers, IBANs, contacts, credentials and named secrets. Never raises."""
    try:
        return scan(text, _REMOVED)
    except TooManyCandidates:
        return _unreadable(text)


def _unreadable(text: str) -> str:
    return f"[{len(text)} characters, too many digits to be shown]"
