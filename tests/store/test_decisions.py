import pytest

from comparators import Difference, Kind
from proxy.evidence.findings import Decided, Decision, State
from proxy.store.answers import Finding
from proxy.store.audit import open_audit
from proxy.store.decisions import after, decide, entry
from proxy.store.engine import Store
from proxy.store.queries import open_queries
from proxy.store.record import Record
from tests.store.made import NOON, put_in, record

WRONG = Difference("$.amount", Kind.VALUE, "10.00", "10.01", value_class="one-unit")
LATER = NOON + 3600


async def put(store: Store, *records: Record) -> None:
    await store.run(put_in, records, (), store.salt)


async def only(url: str) -> Finding:
    async with open_queries(url) as queries:
        [finding] = await queries.findings()
    return finding


def decided(decision: Decision, at: float = LATER, until: float | None = None) -> Decided:
    return Decided(decision, at, "alice", "PAY-12: a cent, agreed", until)


async def test_a_decision_is_kept_with_its_entry(store: Store, url: str) -> None:
    await put(store, record("x1", WRONG))
    finding = await only(url)
    assert (finding.field.state, finding.field.decided) == (State.OPEN, None)
    accepted = decided(Decision.ACCEPT, until=4e9)
    assert await decide(url, finding, accepted) == 1
    found = (await only(url)).field
    assert (found.state, found.decided) == (State.ACCEPTED, accepted)
    async with open_audit(url) as log:
        [(_, link)] = await log.latest(10)
    assert link is not None
    assert (link.action, link.subject, link.actor) == ("finding-accepted", "create-payment", "alice")
    assert (link.before, link.after) == ("open", "accepted")
    assert finding.field.id in link.details


async def test_no_card_number_is_kept_of_what_people_say(store: Store, url: str) -> None:
    await put(store, record("x1", WRONG))
    said = Decided(Decision.ACCEPT, LATER, "alice", "seen with 4111 1111 1111 1111 only", 4e9)
    await decide(url, await only(url), said)
    kept = (await only(url)).field.decided
    assert kept is not None
    assert kept.reason == "seen with pan_removed only"


async def test_what_was_fixed_and_comes_back_has_regressed_until_it_is_fixed_again(store: Store, url: str) -> None:
    await put(store, record("x1", WRONG))
    await decide(url, await only(url), decided(Decision.FIX))
    assert (await only(url)).field.state is State.FIXED
    await put(store, record("x2", WRONG, at=LATER + 60))
    assert (await only(url)).field.state is State.REGRESSED
    await decide(url, await only(url), decided(Decision.FIX, LATER + 120))
    assert (await only(url)).field.state is State.FIXED
    await decide(url, await only(url), decided(Decision.REOPEN, LATER + 180))
    assert (await only(url)).field.state is State.OPEN


async def test_what_no_entry_takes_is_not_kept(store: Store, url: str) -> None:
    await put(store, record("x1", WRONG))
    long = Decided(Decision.FIX, LATER, "alice", "x" * 2_000)
    with pytest.raises(ValueError, match="reason has 2,000 characters"):
        await decide(url, await only(url), long)
    assert (await only(url)).field.decided is None


async def test_an_entry_is_bounded_whatever_the_path(store: Store, url: str) -> None:
    await put(store, record("x1", Difference("$." + "ü" * 900, Kind.VALUE, "1", "2", value_class="number")))
    finding = await only(url)
    assert len(entry(finding, decided(Decision.FIX)).details) < 4_000
    assert after(finding, decided(Decision.FIX)) is State.FIXED
