"""Card numbers in a text: found however they are grouped, and order numbers left alone."""

import random
import uuid
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.redaction.cards import TooManyCandidates, find_cards, has_issuer, luhn

PREFIXES = (
    ("4", 16),
    ("4", 13),
    ("4", 19),
    ("51", 16),
    ("2221", 16),
    ("34", 15),
    ("36", 14),
    ("6011", 16),
    ("3528", 16),
)
SEPARATORS = st.sampled_from([" ", "-", ".", " - ", "\u00a0", "_", "+", "%20"])


def completed(prefix: str, length: int, filler: list[int]) -> str:
    body = prefix + "".join(map(str, filler))[: length - 1 - len(prefix)]
    return next(body + str(check) for check in range(10) if luhn(body + str(check)))


PANS = st.builds(
    lambda kind, filler: completed(kind[0], kind[1], filler),
    st.sampled_from(PREFIXES),
    st.lists(st.integers(0, 9), min_size=18, max_size=18),
)


@given(PANS)
def test_finds_every_number_of_a_known_issuer(pan: str) -> None:
    assert [card.digits for card in find_cards(f"paid with {pan}, thank you")] == [pan]


@given(PANS, SEPARATORS)
def test_finds_numbers_in_groups_of_four(pan: str, separator: str) -> None:
    grouped = separator.join(pan[at : at + 4] for at in range(0, len(pan), 4))
    found = find_cards(f"<{grouped}>")
    assert [card.digits for card in found] == [pan]
    assert (found[0].start, found[0].end) == (1, len(grouped) + 1)


@pytest.mark.parametrize(
    "text",
    [
        "3782 822463 10005",
        "4111-1111 1111.1111",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "ref4111111111111111x",
        "12 4111111111111111 99",
        "4111111111111111.0",
        "4.111111111111111E15",
        "4111111111111111=25121010000012300000",
    ],
)
def test_finds_odd_spellings(text: str) -> None:
    assert [card.digits for card in find_cards(text)] in (["4111111111111111"], ["378282246310005"])


@pytest.mark.parametrize(
    "text",
    [
        "1714557600123",  # milliseconds
        "1714557600123456",  # microseconds
        "20240501100000123",
        "2024-05-01 10:00:00.000123",
        "4111111111111112",  # Luhn is wrong
        "0.30000000000000004",
        "4.350000000000001",
        "550e8400-e29b-41d4-a716-446655440000",
        "P-5ML4271244454362WX",
        "8515131751004933",
        "+49 30 1234 5678 90",
        "41111111111111110000000000000000",
    ],
)
def test_leaves_other_numbers_alone(text: str) -> None:
    assert find_cards(text) == []


def test_readings_that_overlap_are_one_card() -> None:
    text = "4 " * 13
    assert len(find_cards(text)) <= 1


def test_two_cards_side_by_side_are_two() -> None:
    assert [card.digits for card in find_cards("4111111111111111 5555555555554444")] == [
        "4111111111111111",
        "5555555555554444",
    ]


def test_gives_up_on_a_flood_of_candidates() -> None:
    with pytest.raises(TooManyCandidates):
        find_cards("4 " * 20_000)


def test_random_order_numbers_are_rarely_taken_for_cards() -> None:
    source = random.Random(7)
    numbers = [f"{source.randrange(10**15, 10**16)}" for _ in range(10_000)]
    assert sum(bool(find_cards(number)) for number in numbers) < 400  # Luhn alone would take 1,000


def test_luhn_and_issuer_agree_with_published_test_numbers() -> None:
    for pan in ("4242424242424242", "5105105105105100", "378282246310005", "30569309025904", "6011111111111117"):
        assert luhn(pan)
        assert has_issuer(pan)
    assert not luhn("4242424242424241")
    assert not has_issuer("1234567812345670")


def _date(chance: random.Random) -> str:
    return f"20{chance.randrange(20, 32):02}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"


@pytest.mark.parametrize(
    "make",
    [
        lambda chance: str(chance.randrange(1_600_000_000_000, 2_000_000_000_000)),
        lambda chance: str(chance.randrange(1_600_000_000_000_000, 2_000_000_000_000_000)),
        lambda chance: str(chance.randrange(1_600_000_000_000_000_000, 2_000_000_000_000_000_000)),
        lambda chance: f"{_date(chance)}{chance.randrange(10**8):08}",
        lambda chance: str(10**15 + chance.randrange(10**12)),
        lambda chance: str((chance.randrange(1_600_000_000_000, 2_000_000_000_000) - 1_288_834_974_657) << 22),
        lambda chance: f"{chance.getrandbits(128):032x}",
        lambda chance: str(uuid.UUID(int=chance.getrandbits(128))),
    ],
    ids=["ms", "us", "ns", "order of a day", "sequence", "snowflake", "hex id", "uuid"],
)
def test_order_numbers_times_and_ids_are_no_cards(make: Callable[[random.Random], str]) -> None:
    chance = random.Random(20_263)
    false = sum(bool(find_cards(make(chance))) for _ in range(20_000))
    assert false / 20_000 < 0.001
