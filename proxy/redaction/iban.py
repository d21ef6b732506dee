"""Where IBANs stand in a text: a country, its length and structure, and the check digits.

Law of this file: all three must agree (ISO 13616-1, ISO 7064 MOD 97-10; structures as in SWIFT's IBAN
registry), so that one in a million random ids of the right length is taken for one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from proxy.redaction.linear import Search

_REGISTRY = re.findall(
    r"([A-Z]{2}) ([nac0-9]+)",
    "AD n8c12 AE n19 AL n8c16 AT n16 AZ a4c20 BA n16 BE n12 BG a4n6c8 BH a4c14 BI n23 BR n23a1c1 BY c4n4c16 CH n5c12"
    " CR n18 CY n8c16 CZ n20 DE n18 DJ n23 DK n14 DO c4n20 EE n16 EG n25 ES n20 FI n14 FK a2n12 FO n14 FR n10c11n2"
    " GB a4n14 GE a2n16 GI a4c15 GL n14 GR n7c16 GT c24 HN a4n20 HR n17 HU n24 IE a4n14 IL n19 IQ a4n15 IS n22"
    " IT a1n10c12 JO a4n4c18 KW a4c22 KZ n3c13 LB n4c20 LC a4c24 LI n5c12 LT n16 LU n3c13 LV a4c13 LY n21"
    " MC n10c11n2 MD c20 ME n18 MK n3c10n2 MN n16 MR n23 MT a4n5c18 MU a4n19a3 NI a4n20 NL a4n10 NO n11 OM n3c16"
    " PK a4c16 PL n24 PS a4c21 PT n21 QA a4c21 RO a4c16 RS n18 RU n14c15 SA n2c18 SC a4n20a3 SD n14 SE n20 SI n15"
    " SK n20 SM a1n10c12 SO n19 ST n21 SV a4n20 TL n19 TN n20 TR n6c16 UA n6c19 VA n18 VG a4n16 XK n16 YE a4n4c18",
)
_CLASSES = {"n": "[0-9]", "a": "[A-Z]", "c": "[0-9A-Z]"}
_PIECE = re.compile(r"([nac])([0-9]+)")
_SEPARATOR = r"(?:[ \t\-._\xa0\u2000-\u2015\u202f\u3000\ufeff+]|%20|%2[dDbB]|%[cC]2%[aA]0)"
_IBAN = re.compile(
    rf"(?<![0-9A-Za-z])(?=([A-Za-z]{{2}}{_SEPARATOR}?[0-9]{_SEPARATOR}?[0-9](?:{_SEPARATOR}{{0,2}}[0-9A-Za-z]){{11,30}}))"
)
_SIGNS = re.compile(rf"{_SEPARATOR}|([0-9A-Za-z])")


STRUCTURES = {
    country: tuple((kind, int(number)) for kind, number in _PIECE.findall(structure))
    for country, structure in _REGISTRY
}
"""By country, what follows the check digits: (n: digits, a: capitals, c: either; how many)."""

_LENGTHS = {country: 4 + sum(number for _, number in pieces) for country, pieces in STRUCTURES.items()}
_PATTERNS = {
    country: re.compile("".join(f"{_CLASSES[kind]}{{{number}}}" for kind, number in pieces))
    for country, pieces in STRUCTURES.items()
}
COUNTRIES = tuple(STRUCTURES)
"""The countries of the registry, by their two letters."""

_LONGEST = 128
_ASCII_SEPARATOR = r"(?:[ \t\-._+]|%20|%2d|%2b|%c2%a0)"
_ASCII_IBAN = Search(
    rf"(?:^|[^0-9a-z])(?:{'|'.join(COUNTRIES)}){_ASCII_SEPARATOR}?[0-9]{_ASCII_SEPARATOR}?[0-9]"
    rf"(?:{_ASCII_SEPARATOR}{{0,2}}[0-9a-z]){{11,30}}"
)


@dataclass(frozen=True, slots=True)
class Iban:
    """An IBAN in a text: its place, and its signs in capitals and without separators."""

    start: int
    end: int
    signs: str


def is_iban(signs: str) -> bool:
    """Whether capitals and digits without separators are an IBAN."""
    country = signs[:2]
    if country not in STRUCTURES or len(signs) != _LENGTHS[country] or not signs[2:4].isdecimal():
        return False
    if not _PATTERNS[country].fullmatch(signs, 4):
        return False
    return int("".join([str(int(sign, 36)) for sign in signs[4:] + signs[:4]])) % 97 == 1


def find_ibans(text: str) -> Iterator[Iban]:
    """All IBANs in the text, in order; grouped or not, in capitals or not."""
    place = 0
    for match in _candidates(text):
        found = _from(text, *match.span(1)) if match.start() >= place else None
        if found is not None:
            place = found.end
            yield found


def _candidates(text: str) -> Iterator[re.Match[str]]:
    if not text.isascii():
        return _IBAN.finditer(text)
    spans = _ASCII_IBAN.spans(text.encode())
    return (match for start, end in spans for match in _IBAN.finditer(text, start, end + _LONGEST))


def _from(text: str, start: int, end: int) -> Iban | None:
    """The IBAN that begins at `start`, as long as its country says."""
    length = _LENGTHS.get(text[start : start + 2].upper())
    if length is None:
        return None
    signs = [sign for sign in _SIGNS.finditer(text, start, end) if sign[1]][:length]
    last = signs[-1].end()
    spelled = "".join([sign[1] for sign in signs]).upper()
    return Iban(start, last, spelled) if is_iban(spelled) and not text[last : last + 1].isalnum() else None
