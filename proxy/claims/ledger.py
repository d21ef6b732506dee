"""What a batch of messages makes of the rows that it concerns. Pure.

Law of this file: whoever claims first decides, and all that come later with the same key go the same way. A pin is let
go only by the last of its holders, and only if nothing was ever sent with it. In this order: the pin of the key, the
owner of what the request names, the plan that the worker made.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from proxy.claims.words import Bid, Bound, Denial, Denied, Ending, Granted, Own, Ref, Settled
from proxy.messages import System
from proxy.store.claimed import OwnerRow, PinRow, PinState, UnknownRow

WORKER_ENDED: Final = "the worker that sent it ended before an answer came"

OTHER_BODY, TWO_SYSTEMS, UNKNOWN, DISPUTED = "other-body", "two-systems", "unknown", "disputed"
"""What is counted besides the replies."""


class Ledger:
    """`pins`, `owners`: the rows as they are, by key and id; `changed_pins`, `changed_owners`, `unknowns`: what is to
    be saved; `counts`: what was seen; `room`: how many more pins there may be; `now`: Unix seconds.
    """

    def __init__(self, pins: dict[str, PinRow], owners: dict[str, OwnerRow], now: float, room: int) -> None:
        self._pins, self._owners, self._now = pins, owners, now
        self.room = room
        self.changed_pins: dict[str, PinRow | None] = {}
        self.changed_owners: dict[str, OwnerRow | None] = {}
        self.unknowns: list[UnknownRow] = []
        self.disputes: list[OwnerRow] = []
        self.counts: Counter[str] = Counter()

    def bid(self, life: str, bid: Bid) -> Granted | Denied:
        """Which system takes it."""
        found = self._decided(bid)
        if isinstance(found, Denied):
            return found
        if bid.is_bound and found.system is not bid.system:
            self.counts[TWO_SYSTEMS] += 1
        if bid.key and not self._hold(holder(life, bid), bid, found):
            return Denied(bid.number, Denial.FULL)
        return found

    def settle(self, life: str, settled: Settled) -> None:
        """What became of it."""
        name = holder(life, settled.bid)
        if settled.ending is Ending.UNKNOWN:
            self._unknown(name, settled.bid.token, settled)
        pin = self._pins.get(settled.bid.key)
        if pin is not None:
            self._put(self._let_go(pin, name, settled), pin.key)

    def own(self, own: Own) -> None:
        """These ids are a system's. One that the other system has claimed before is nobody's from now on."""
        for ref in own.refs:
            known = self._owners.get(ref.id)
            if known is None:
                self._owns(OwnerRow(ref.id, ref.entity, own.system, own.backend, False, self._now))
            elif known.system is not own.system and not known.is_disputed:
                self.counts[DISPUTED] += 1
                self.disputes.append(known)
                self._owns(replace(known, is_disputed=True))

    def abandon(self, pin: PinRow, gone: Iterable[str]) -> None:
        """These holders of a pin will never say what became of them."""
        for name in gone:
            self.counts[UNKNOWN] += 1
            self.unknowns.append(
                UnknownRow(name, pin.token, pin.system, pin.backend, pin.route, WORKER_ENDED, self._now)
            )
        left = tuple(each for each in pin.holders if each not in gone)
        self._put(replace(pin, holders=left, state=PinState.UNKNOWN), pin.key)

    def _decided(self, bid: Bid) -> Granted | Denied:
        pin = self._pins.get(bid.key) if bid.key else None
        if pin is not None and (pin.expires > self._now or pin.holders):
            return Granted(bid.number, pin.system, pin.backend, Bound.PIN)
        if not bid.refs:
            return _granted(bid, bid.system, bid.backend(bid.system), Bound.PLAN)
        found = [self._owners.get(ref.id) or _nobodys(ref) for ref in bid.refs]
        systems = {owner.system for owner in found}
        if any(owner.is_disputed for owner in found):
            return Denied(bid.number, Denial.DISPUTED)
        if len(systems) > 1:
            return Denied(bid.number, Denial.TWO_OWNERS)
        return _granted(bid, found[0].system, bid.backend(found[0].system) or found[0].backend, Bound.OWNER)

    def _hold(self, name: str, bid: Bid, found: Granted) -> bool:
        """Whether the pin is there now, with this holder."""
        pin = self._pins.get(bid.key)
        ends = self._now + bid.ttl
        if pin is not None and found.bound_by is Bound.PIN:
            holders = pin.holders if name in pin.holders else (*pin.holders, name)
            self._put(replace(pin, holders=holders, expires=max(pin.expires, ends)), bid.key)
            return True
        if pin is None:
            self.room -= 1
            if self.room < 0 and not bid.is_bound:
                return False
        fresh = PinRow(
            key=bid.key,
            token=bid.token,
            system=found.system,
            backend=found.backend,
            route=bid.route,
            state=PinState.RESERVED,
            body="",
            holders=(name,),
            created=self._now,
            expires=ends,
        )
        self._put(fresh, bid.key)
        return True

    def _let_go(self, pin: PinRow, name: str, settled: Settled) -> PinRow | None:
        holders = tuple(each for each in pin.holders if each != name)
        if settled.ending is Ending.UNSENT:
            free = pin.state is PinState.RESERVED and not holders and name in pin.holders
            return None if free else replace(pin, holders=holders)
        if settled.body and pin.body and settled.body != pin.body and name in pin.holders:
            self.counts[OTHER_BODY] += 1
        state = PinState.SENT if settled.ending is Ending.SENT else PinState.UNKNOWN
        return replace(pin, holders=holders, state=state, body=pin.body or settled.body)

    def _unknown(self, name: str, token: str, settled: Settled) -> None:
        self.counts[UNKNOWN] += 1
        self.unknowns.append(
            UnknownRow(name, token, settled.system, settled.backend, settled.bid.route, settled.detail, self._now)
        )

    def _put(self, row: PinRow | None, key: str) -> None:
        self.changed_pins[key] = row
        if row is None:
            self.room += 1
            del self._pins[key]
        else:
            self._pins[key] = row

    def _owns(self, row: OwnerRow) -> None:
        self._owners[row.id] = self.changed_owners[row.id] = row


def holder(life: str, bid: Bid) -> str:
    """The name of one request among all that hold pins."""
    return f"{life}:{bid.number}"


def life_of(name: str) -> str:
    """The worker's life that a holder's name tells."""
    return name.rpartition(":")[0]


def _granted(bid: Bid, system: System, backend: str | None, bound: Bound) -> Granted | Denied:
    if not backend:
        return Denied(bid.number, Denial.NO_BACKEND)
    return Granted(bid.number, system, backend, bound)


def _nobodys(ref: Ref) -> OwnerRow:
    return OwnerRow(ref.id, ref.entity, ref.unknown, "", False, 0.0)
