"""What of a store is kept. Law of this file: pure words; no database is known here."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Keep:
    """What is kept: exchanges that began less than `seconds` ago, and of them the youngest in at most `bytes`."""

    seconds: float | None = None
    bytes: int | None = None

    @property
    def is_everything(self) -> bool:
        return self.seconds is None and self.bytes is None


ALL: Final = Keep()
