"""Which sandboxes have shown lately that they are ones, and which must not be written to until a person says so. Pure.

Law of this file: what is not known counts as no. An address has attested for VALID seconds after a safe probe whose
answer showed it, and not a moment longer than until a probe fails. An answer to a copy that does not show it stops the
backend; only a person arms it again, and while it cannot be read whether it is armed, it is not.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from proxy.messages import Failure, Response, folded
from proxy.routing.route import Backend
from proxy.routing.sandbox import ByHeader, ByOperator, ByProbe

VALID: Final = 10.0
"""Seconds that an attestation, and what is known of who is stopped, counts."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a sandbox stands now: whether it may be written to at all, and which of its addresses have attested, by
    their numbers.
    """

    armed: bool
    addresses: tuple[int, ...]


NOWHERE: Final = Standing(False, ())


def shows(backend: Backend, outcome: Response | Failure) -> bool:
    """Whether the answer to a probe shows that this is a sandbox."""
    if isinstance(outcome, Failure):
        return False
    match backend.attest:
        case ByHeader():
            return _has(backend.attest, outcome)
        case ByProbe():
            return 200 <= outcome.status < 300 and backend.attest.contains in outcome.body
        case ByOperator():
            return True
        case None:
            return False


def confirms(backend: Backend, answer: Response) -> bool:
    """Whether the answer to a copy is that of a sandbox, as far as its answers can show it."""
    match backend.attest:
        case ByHeader():
            return _has(backend.attest, answer)
        case None:
            return False
        case _:
            return True


def _has(wanted: ByHeader, answer: Response) -> bool:
    """The header is there with this value, and with no other."""
    name = folded(wanted.header.encode())
    values = {value.strip(b" \t") for key, value in answer.headers if folded(key) == name}
    return values == {wanted.value.encode()}


class Attestations:
    """What is known of all sandboxes. `clock`: seconds, monotonic."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._attested: dict[tuple[str, int], float] = {}
        self._stopped: frozenset[str] = frozenset()
        self._read_at = float("-inf")
        self._unsaid: set[str] = set()

    def probed(self, backend: str, address: int, shown: bool) -> bool:
        """A probe of one address has ended; whether that changes anything."""
        before = self._is_fresh(self._attested.get((backend, address)))
        if shown:
            self._attested[backend, address] = self._clock()
        else:
            self._attested.pop((backend, address), None)
        return shown is not before

    def forget(self, backend: str) -> None:
        """The backend is another one now, or gone."""
        self._attested = {key: at for key, at in self._attested.items() if key[0] != backend}

    def stop(self, backend: str) -> bool:
        """It must not be written to any more; whether that is new. Stands until the store says that it is armed."""
        if backend in self._unsaid or backend in self._stopped:
            return False
        self._unsaid.add(backend)
        return True

    @property
    def unsaid(self) -> tuple[str, ...]:
        """Those that were stopped here, and of which the store does not know yet."""
        return tuple(self._unsaid)

    def said(self, backend: str) -> None:
        """The store knows that it is stopped."""
        self._stopped |= {backend}
        self._unsaid.discard(backend)

    def read(self, stopped: Iterable[str]) -> None:
        """The store says that these, and no others, are stopped."""
        self._stopped = frozenset(stopped)
        self._read_at = self._clock()

    def standing(self, backend: Backend) -> Standing:
        """How a sandbox stands now."""
        name, number = backend.name, max(len(backend.addresses), 1)
        armed = self._is_fresh(self._read_at) and name not in self._stopped and name not in self._unsaid
        if isinstance(backend.attest, ByOperator):
            return Standing(armed, tuple(range(number)))
        shown = (each for each in range(number) if self._is_fresh(self._attested.get((name, each))))
        return Standing(armed, tuple(shown))

    def _is_fresh(self, at: float | None) -> bool:
        return at is not None and self._clock() - at < VALID
