"""Who goes when. Law of this file: over an even number of rounds everybody has the same mean position (A B B A)."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def serpentine(items: Sequence[Item], rounds: int) -> Iterator[Item]:
    """All items forwards, then all backwards, and so on for `rounds`: a machine that drifts favours nobody."""
    for number in range(rounds):
        yield from items if number % 2 == 0 else reversed(items)
