"""Ids of exchanges and of processes. Law of this file: unique over processes and machines; none comes twice."""

import struct
from collections.abc import Callable
from typing import Final


def exchange_ids(clock: Callable[[], float], entropy: Callable[[int], bytes]) -> Callable[[], str]:
    """Ids of 32 hex digits: 12 of the time in ms, 8 of a counter, 12 of this process's own; they sort by time."""
    own = entropy(6)
    number = 0

    def new_id() -> str:
        nonlocal number
        number = (number + 1) & 0xFFFFFFFF
        milliseconds = int(clock() * 1000)
        return (_TIME_AND_NUMBER(milliseconds >> 16, milliseconds & 0xFFFF, number) + own).hex()

    return new_id


_TIME_AND_NUMBER: Final = struct.Struct(">IHI").pack


def life(name: str, entropy: Callable[[int], bytes]) -> str:
    """The name of one life of a process, for its counts in the store. A process id would not do: in a container the
    same ones come again, and the counts of the next life would be taken for those of the last.
    """
    return f"{name}:{entropy(4).hex()}"
