"""The claims of a store, for a test that looks at them or puts some there; a running loop does not matter."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from proxy.store.claims import Transaction, once

T = TypeVar("T")


@dataclass(frozen=True)
class Claims:
    """The claims at one URL."""

    url: str

    def within(self, work: Callable[[Transaction], T]) -> T:
        """One transaction."""
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(once, self.url, work).result()


@contextmanager
def opened(url: str) -> Iterator[Claims]:
    yield Claims(url)
