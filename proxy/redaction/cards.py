"""Where card numbers stand in a text.

Law of this file: Luhn alone never convicts, since it passes a tenth of all order numbers. An issuer's range and length
must agree too (ISO/IEC 7812; ranges as the card schemes publish them), or a telling key, which the caller knows.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from proxy.redaction.linear import INLINE_TAG, Search

_SEPARATOR = (
    r"(?:[ \t\-._/+\xa0\xad\xb7\u2000-\u2015\u2022\u202f\u2060-\u2064\u2212\u3000\ufeff]"
    rf"|%20|%2[dD]|%2[bB]|%09|%[cC]2%[aA]0|&nbsp;|{INLINE_TAG})"
)
_RUN = re.compile(rf"(?<![0-9])[0-9](?:[0-9]|{_SEPARATOR}{{1,3}}[0-9]){{12,}}")
_ASCII_SEPARATOR = rf"(?:[ \t\-._/+]|%20|%2d|%2b|%09|%c2%a0|&nbsp;|{INLINE_TAG})"
_ASCII_RUN = Search(rf"[0-9](?:{_ASCII_SEPARATOR}{{0,3}}[0-9]){{12,}}")
_GROUP = re.compile(rf"(%20|%2[dDbB]|%09|%[cC]2%[aA]0|{INLINE_TAG})|([0-9]+)")
OTHER_DIGIT = re.compile(r"[^\D\x00-\x7f]")
_EXPONENT = re.compile(r"\.([0-9]{12,18})[eE]\+?(1[2-8])(?![0-9])")
_LONGEST_GROUP = 6  # of a card number as people write it: 4-6-5
_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")

_SHORTEST = 13
_LLVAR = frozenset({"13", "14", "15", "16", "19"})  # 17 is how a time in nanoseconds begins

MAX_CANDIDATES = 20_000
"""How many digit strings of one text are put to the test before it is given up as hostile."""

_LENGTHS = {
    "visa": frozenset({13, 16, 19}),
    "sixteen": frozenset({16}),
    "amex": frozenset({15}),
    "diners": frozenset(range(14, 20)),
    "long": frozenset(range(16, 20)),
    "maestro": frozenset(range(13, 20)),
}
_RANGES = (
    (2200, 2204, "long"),  # Mir
    (2221, 2720, "sixteen"),  # Mastercard
    (3000, 3059, "diners"),
    (3095, 3095, "diners"),
    (3400, 3499, "amex"),
    (3528, 3589, "long"),  # JCB
    (3600, 3699, "diners"),
    (3700, 3799, "amex"),
    (3800, 3999, "diners"),
    (4000, 4999, "visa"),
    (5000, 5099, "maestro"),
    (5100, 5599, "sixteen"),  # Mastercard
    (5600, 5899, "maestro"),
    (6000, 6099, "long"),  # Discover, RuPay
    (6200, 6299, "long"),  # UnionPay
    (6300, 6399, "maestro"),
    (6440, 6599, "long"),  # Discover, RuPay
    (6700, 6799, "maestro"),
    (9792, 9792, "sixteen"),  # Troy
)
_LOWS = [low for low, _, _ in _RANGES]


class TooManyCandidates(Exception):
    """The text has more digit strings that could be cards than anybody will test."""


@dataclass(frozen=True, slots=True)
class Card:
    """A card number in a text: its place and its digits."""

    start: int
    end: int
    digits: str


@dataclass(frozen=True, slots=True)
class _Group:
    """Digits without a separator. Many after one lone point (`0.30000000000000004`) are a fraction, in no card."""

    start: int
    end: int
    digits: str
    is_fraction: bool


def luhn(digits: str) -> bool:
    raw = digits.encode()
    plain, doubled = raw[::-1][::2], raw[::-1][1::2].translate(_DOUBLED)
    return (sum(plain) + sum(doubled) - 48 * len(raw)) % 10 == 0


def has_issuer(digits: str) -> bool:
    """Whether a card scheme gives out numbers of this beginning and this length."""
    prefix = int(digits[:4])
    place = bisect_right(_LOWS, prefix) - 1
    if place < 0 or prefix > _RANGES[place][1]:
        return False
    return len(digits) in _LENGTHS[_RANGES[place][2]]


def with_plain_digits(text: str) -> str:
    """The text with the digits of all scripts as 0-9; nothing else changes its place."""
    if text.isascii() or not OTHER_DIGIT.search(text):
        return text
    return OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text)


def find_cards(text: str) -> list[Card]:
    """All card numbers in the text, in order, none overlapping. Raises TooManyCandidates.

    Digits may be of any script, and grouped in any way by up to three separators (spaces of all kinds, dashes, inline
    tags of HTML). Where readings overlap, they are one card.
    """
    text = with_plain_digits(text)
    found = [card for start, end in _runs(text) for card in _cards_of_run(text, start, end)]
    floats = [card for match in _EXPONENT.finditer(text) if (card := _from_exponent(match))]
    return sorted(found + floats, key=lambda card: card.start) if floats else found


def _runs(text: str) -> Iterator[tuple[int, int]]:
    if text.isascii():
        return _ASCII_RUN.spans(text.encode())
    return (run.span() for run in _RUN.finditer(text))


def _cards_of_run(text: str, start: int, end: int) -> list[Card]:
    if (digits := text[start:end]).isdecimal():
        return [card for card in [_of_run(text, start, digits)] if card]
    groups = _groups(text, start, end)
    spans: list[tuple[int, int]] = []
    for first, last in _readings(groups, text):
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    return [_card(groups[first : last + 1]) for first, last in spans]


def _readings(groups: list[_Group], text: str) -> Iterator[tuple[int, int]]:
    """The first and the last group of each way to read a card number."""
    tested = 0
    for first, group in enumerate(groups):
        if group.digits[0] not in "234569" or group.is_fraction:
            continue
        digits = ""
        for last in range(first, len(groups)):
            digits += groups[last].digits
            if len(digits) > 19 or (last > first and groups[last].is_fraction):
                break
            if len(digits) < 13:
                continue
            tested += 1
            if tested > MAX_CANDIDATES:
                raise TooManyCandidates
            if _is_card(digits) and not _in_word(digits, text, group.start, groups[last].end):
                yield first, last


def _of_run(text: str, start: int, digits: str) -> Card | None:
    """Digits without separators: a number, or one behind zeros, or behind its length (ISO 8583, LLVAR)."""
    behind = [digits, digits.lstrip("0")] + [digits[2:]] * (digits[:2] in _LLVAR and digits[:2] == str(len(digits) - 2))
    number = next((each for each in behind if len(each) >= _SHORTEST and _is_card(each)), None)
    if number is None or _in_word(number, text, start, start + len(digits)):
        return None
    return Card(start + len(digits) - len(number), start + len(digits), number)


def _is_card(digits: str) -> bool:
    return len(digits) <= 19 and has_issuer(digits) and luhn(digits)


def _in_word(digits: str, text: str, start: int, end: int) -> bool:
    """Whether 13 digits, a length of the past, stand between letters, as in the order id `5ML4271244454362WX`."""
    return len(digits) == 13 and text[start - 1 : start].isalpha() and text[end : end + 1].isalpha()


def _card(groups: list[_Group]) -> Card:
    return Card(groups[0].start, groups[-1].end, "".join([group.digits for group in groups]))


def _groups(text: str, start: int, end: int) -> list[_Group]:
    places = [match.span() for match in _GROUP.finditer(text, start, end) if match[2]]
    points = [text[before[1] : after[0]] == "." for before, after in pairwise(places)]
    points = [False, *points, False]
    lone = [point and not points[at - 1] and not points[at + 1] for at, point in enumerate(points[:-1])]
    return [
        _Group(first, last, text[first:last], is_lone and last - first > _LONGEST_GROUP)
        for (first, last), is_lone in zip(places, lone, strict=True)
    ]


def _from_exponent(match: re.Match[str]) -> Card | None:
    """A card number as some serialisers spell a float: `4.111111111111111E15`."""
    start, length = match.start() - 1, int(match[2]) + 1
    digits = (match.string[max(start, 0) : start + 1] + match[1]).ljust(length, "0")
    whole = digits.isdecimal() and len(digits) == length
    return Card(start, match.end(), digits) if whole and has_issuer(digits) and luhn(digits) else None
