"""A batch of messages, applied in one transaction: what it concerns is read, decided on by the ledger, and written.

Law of this file: nothing is answered before it is on disk.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from proxy.claims.ledger import Ledger, life_of
from proxy.claims.words import Bid, Done, Own, Reply, Said, Settled
from proxy.store import claims
from proxy.store.claimed import OwnerRow
from proxy.store.claims import Transaction


@dataclass(frozen=True, slots=True)
class Applied:
    """`replies`: one to each message, in their order; `room`: how many more pins there may be; `disputes`: owners of
    ids that the other system claims too.
    """

    replies: tuple[Reply, ...]
    counts: Counter[str]
    room: int
    disputes: tuple[OwnerRow, ...]


def apply(transaction: Transaction, batch: Sequence[tuple[str, Said]], now: float, room: int) -> Applied:
    """`batch`: messages, each with the life of the worker that sent it."""
    keys = {bid.key for bid in map(_bid, batch) if bid is not None and bid.key}
    ids = {ref.id for _, message in batch if isinstance(message, Bid | Own) for ref in message.refs}
    pins = claims.load_pins(transaction, keys) if keys else {}
    known = frozenset(pins)
    ledger = Ledger(pins, claims.load_owners(transaction, ids) if ids else {}, now, room)
    replies = tuple(_answered(ledger, life, message) for life, message in batch)
    _save(transaction, ledger, known)
    return Applied(replies, ledger.counts, ledger.room, tuple(ledger.disputes))


def sweep(transaction: Transaction, node: str, alive: frozenset[str], now: float) -> int:
    """Lists what workers of a node that are gone had on its way as unknown; how many that was."""
    ledger = Ledger({}, {}, now, 0)
    held = claims.held_pins(transaction)
    for pin in held:
        gone = [name for name in pin.holders if name.startswith(node) and life_of(name) not in alive]
        if gone:
            ledger.abandon(pin, gone)
    _save(transaction, ledger, frozenset(pin.key for pin in held))
    return len(ledger.unknowns)


def _save(transaction: Transaction, ledger: Ledger, known: frozenset[str]) -> None:
    if ledger.changed_pins:
        claims.save_pins(transaction, ledger.changed_pins, known)
    if ledger.changed_owners:
        claims.save_owners(transaction, ledger.changed_owners)
    if ledger.unknowns:
        claims.save_unknowns(transaction, ledger.unknowns)


def _bid(sent: tuple[str, Said]) -> Bid | None:
    message = sent[1]
    return message.bid if isinstance(message, Settled) else message if isinstance(message, Bid) else None


def _answered(ledger: Ledger, life: str, message: Said) -> Reply:
    if isinstance(message, Bid):
        return ledger.bid(life, message)
    if isinstance(message, Settled):
        ledger.settle(life, message)
        return Done(message.number)
    assert isinstance(message, Own)
    ledger.own(message)
    return Done(message.number)
