"""Secrets made up by a seed: card numbers that pass Luhn in an issuer's range, IBANs with their check digits.

Law of this file: nothing real; what it makes is told from real data by no detector.
"""

import random
from collections.abc import Iterator

from proxy.redaction.cards import luhn
from proxy.redaction.iban import STRUCTURES

BRANDS = (
    *(("4", 16), ("4", 19), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15), ("6011", 16)),
    *(
        ("65", 16),
        ("3528", 16),
        ("62", 16),
        ("62", 19),
        ("5018", 16),
        ("36", 14),
        ("38", 14),
        ("2200", 16),
        ("9792", 16),
    ),
)
_DIGITS, _CAPITALS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SIGNS = {"n": _DIGITS, "a": _CAPITALS, "c": _DIGITS + _CAPITALS}


def pan(chance: random.Random) -> str:
    prefix, length = chance.choice(BRANDS)
    body = prefix + "".join(chance.choices(_DIGITS, k=length - 1 - len(prefix)))
    return next(body + check for check in _DIGITS if luhn(body + check))


def pans(chance: random.Random, number: int) -> list[str]:
    """So many different ones."""
    found: dict[str, None] = {}
    while len(found) < number:
        found[pan(chance)] = None
    return list(found)


def iban(chance: random.Random, country: str | None = None) -> str:
    country = country or chance.choice(("DE", "FR", "GB", "NL", "IT", "ES", "CH", "MT"))
    bban = "".join(_pieces(chance, STRUCTURES[country]))
    rest = int("".join(str(int(sign, 36)) for sign in f"{bban}{country}00")) % 97
    return f"{country}{98 - rest:02}{bban}"


def _pieces(chance: random.Random, structure: tuple[tuple[str, int], ...]) -> Iterator[str]:
    for kind, number in structure:
        yield "".join(chance.choices(_SIGNS[kind], k=number))


def grouped(number: str, separator: str) -> str:
    """As people write it: 4-4-4-4, 4-6-5 for fifteen digits."""
    cuts = (0, 4, 10, 15) if len(number) == 15 else (*range(0, len(number), 4), len(number))
    return separator.join(filter(None, (number[first:last] for first, last in zip(cuts, cuts[1:], strict=False))))
