"""Whoever claims first decides: one ledger after the other, as batches come."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.claims.ledger import OTHER_BODY, TWO_SYSTEMS, UNKNOWN, WORKER_ENDED, Ledger, holder, life_of
from proxy.claims.words import Bid, Bound, Denial, Denied, Ending, Granted, Own, Ref, Settled
from proxy.messages import System
from proxy.store.claimed import OwnerRow, PinRow, PinState
from tests.claims.made import bid

LEGACY, CANDIDATE = System.LEGACY, System.CANDIDATE


class Books:
    """Rows that outlive a ledger, as a store's do."""

    def __init__(self) -> None:
        self.pins: dict[str, PinRow] = {}
        self.owners: dict[str, OwnerRow] = {}
        self.now, self.room = 1000.0, 100
        self.last = self.open()

    def open(self) -> Ledger:
        self.last = Ledger(self.pins, self.owners, self.now, self.room)
        return self.last

    def bid(self, wanted: Bid, life: str = "w") -> Granted | Denied:
        ledger = self.open()
        answer = ledger.bid(life, wanted)
        self.room = ledger.room
        return answer

    def settle(self, wanted: Bid, ending: Ending, body: str = "", life: str = "w") -> None:
        ledger = self.open()
        ledger.settle(life, Settled(99, wanted, wanted.system, "b", ending, body, "why"))
        self.room = ledger.room


def granted(answer: Granted | Denied) -> tuple[System, str, Bound]:
    assert isinstance(answer, Granted)
    return answer.system, answer.backend, answer.bound_by


def test_the_first_to_claim_a_key_decides_for_all_that_follow() -> None:
    books = Books()
    assert granted(books.bid(bid(1))) == (LEGACY, "monolith", Bound.PLAN)
    assert granted(books.bid(bid(2, system=CANDIDATE))) == (LEGACY, "monolith", Bound.PIN)
    assert granted(books.bid(bid(3, "k2", CANDIDATE))) == (CANDIDATE, "payments", Bound.PLAN)


def test_a_pin_that_was_only_reserved_is_let_go_by_its_last_holder() -> None:
    books = Books()
    books.bid(bid(1)), books.bid(bid(2, system=CANDIDATE))
    books.settle(bid(1), Ending.UNSENT)
    assert granted(books.bid(bid(3, system=CANDIDATE)))[0] is LEGACY
    books.settle(bid(2), Ending.UNSENT)
    books.settle(bid(3), Ending.UNSENT)
    assert books.pins == {}
    assert books.room == 100
    assert granted(books.bid(bid(4, system=CANDIDATE)))[0] is CANDIDATE


def test_a_pin_with_which_something_was_sent_is_not_let_go() -> None:
    books = Books()
    books.bid(bid(1)), books.bid(bid(2))
    books.settle(bid(1), Ending.SENT, "b1")
    books.settle(bid(2), Ending.UNSENT)
    assert books.pins["k1"].state is PinState.SENT
    assert granted(books.bid(bid(3, system=CANDIDATE)))[0] is LEGACY
    books.settle(bid(3), Ending.UNSENT)
    assert books.pins["k1"].holders == ()


def test_one_that_does_not_hold_lets_nothing_go() -> None:
    books = Books()
    books.bid(bid(1))
    books.settle(bid(7), Ending.UNSENT)
    books.settle(bid(1), Ending.UNSENT, life="other")
    assert books.pins["k1"].holders == ("w:1",)


def test_what_comes_twice_changes_nothing_the_second_time() -> None:
    books = Books()
    books.bid(bid(1)), books.bid(bid(1))
    assert books.pins["k1"].holders == ("w:1",)
    books.settle(bid(1), Ending.SENT, "b1"), books.settle(bid(1), Ending.SENT, "b2")
    assert books.pins["k1"].body == "b1"
    assert books.last.counts[OTHER_BODY] == 0


def test_another_body_of_one_key_is_counted() -> None:
    books = Books()
    books.bid(bid(1)), books.settle(bid(1), Ending.SENT, "b1")
    books.bid(bid(2)), books.settle(bid(2), Ending.SENT, "b2")
    assert books.last.counts[OTHER_BODY] == 1
    books.bid(bid(3)), books.settle(bid(3), Ending.SENT, "b1")
    assert books.last.counts[OTHER_BODY] == 0


def test_an_outcome_that_nobody_knows_is_listed_also_without_a_key() -> None:
    books = Books()
    books.bid(bid(1)), books.settle(bid(1), Ending.UNKNOWN)
    (row,) = books.last.unknowns
    assert (row.holder, row.token, row.system, row.route, row.detail) == ("w:1", "secret_k1", LEGACY, "pay", "why")
    assert books.pins["k1"].state is PinState.UNKNOWN
    books.settle(bid(2, ""), Ending.UNKNOWN)
    assert [row.holder for row in books.last.unknowns] == ["w:2"]


def test_a_pin_ends_with_its_time_unless_a_request_is_on_its_way_with_it() -> None:
    books = Books()
    books.bid(bid(1)), books.bid(bid(2, "k2")), books.settle(bid(2, "k2"), Ending.SENT)
    books.now += 61
    assert granted(books.bid(bid(3, system=CANDIDATE)))[0] is LEGACY
    assert granted(books.bid(bid(4, "k2", CANDIDATE)))[0] is CANDIDATE
    assert books.room == 98


def test_a_retry_prolongs() -> None:
    books = Books()
    books.bid(bid(1)), books.settle(bid(1), Ending.SENT)
    books.now += 50
    books.bid(bid(2)), books.settle(bid(2), Ending.SENT)
    books.now += 50
    assert granted(books.bid(bid(3, system=CANDIDATE)))[2] is Bound.PIN


def test_pins_are_bounded_but_for_what_was_sent_already() -> None:
    books = Books()
    books.room = 1
    books.bid(bid(1))
    assert books.bid(bid(2, "k2")) == Denied(2, Denial.FULL)
    assert isinstance(books.bid(bid(3, "k3", is_bound=True)), Granted)
    assert isinstance(books.bid(bid(4)), Granted)


def test_what_was_sent_alone_to_another_system_than_the_pins_is_counted() -> None:
    books = Books()
    books.bid(bid(1))
    books.bid(bid(2, system=CANDIDATE, is_bound=True))
    assert books.last.counts[TWO_SYSTEMS] == 1


def test_holders_of_a_worker_that_is_gone_are_unknown() -> None:
    books = Books()
    books.bid(bid(1)), books.bid(bid(1), life="v")
    ledger = books.open()
    ledger.abandon(books.pins["k1"], ["w:1"])
    assert books.pins["k1"].holders == ("v:1",)
    assert books.pins["k1"].state is PinState.UNKNOWN
    assert [(row.holder, row.detail) for row in ledger.unknowns] == [("w:1", WORKER_ENDED)]
    assert ledger.counts[UNKNOWN] == 1
    assert life_of(holder("worker-0:ab", bid(5))) == "worker-0:ab"


def refs(*ids: str, unknown: System = LEGACY) -> tuple[Ref, ...]:
    return tuple(Ref("payment", each, unknown) for each in ids)


def own(books: Books, ids: tuple[Ref, ...], system: System) -> Ledger:
    ledger = books.open()
    ledger.own(Own(1, ids, system, "payments" if system is CANDIDATE else "monolith"))
    return ledger


def test_the_owner_goes_before_the_plan_and_the_pin_before_the_owner() -> None:
    books = Books()
    own(books, refs("a"), CANDIDATE)
    assert granted(books.bid(bid(1, refs=refs("a")))) == (CANDIDATE, "payments", Bound.OWNER)
    books.bid(bid(2, "k2"))
    assert granted(books.bid(bid(3, "k2", CANDIDATE, refs=refs("a")))) == (LEGACY, "monolith", Bound.PIN)


def test_what_nobody_knows_is_whose_the_file_says() -> None:
    books = Books()
    assert granted(books.bid(bid(1, "", CANDIDATE, refs=refs("x"))))[0] is LEGACY
    assert granted(books.bid(bid(2, "", LEGACY, refs=refs("x", unknown=CANDIDATE))))[0] is CANDIDATE
    assert books.pins == {}


def test_two_owners_in_one_request_are_denied() -> None:
    books = Books()
    own(books, refs("a"), CANDIDATE), own(books, refs("b"), LEGACY)
    assert books.bid(bid(1, refs=refs("a", "b"))) == Denied(1, Denial.TWO_OWNERS)
    assert books.bid(bid(1, refs=refs("a", "never seen"))) == Denied(1, Denial.TWO_OWNERS)
    assert books.pins == {}


def test_an_id_of_both_systems_is_nobodys() -> None:
    books = Books()
    own(books, refs("a"), CANDIDATE)
    assert own(books, refs("a"), CANDIDATE).disputes == []
    assert [row.id for row in own(books, refs("a"), LEGACY).disputes] == ["a"]
    assert own(books, refs("a"), LEGACY).disputes == []
    assert books.bid(bid(1, refs=refs("a"))) == Denied(1, Denial.DISPUTED)


def test_an_owner_that_the_route_has_no_backend_of_is_reached_by_its_own() -> None:
    books = Books()
    own(books, refs("a"), CANDIDATE)
    assert granted(books.bid(bid(1, refs=refs("a"), candidate=None)))[1] == "payments"
    assert books.bid(bid(2, "", refs=refs("x", unknown=CANDIDATE), candidate=None)) == Denied(2, Denial.NO_BACKEND)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["bid", *Ending]), st.sampled_from(["k1", "k2"]), st.sampled_from(System), st.integers(0, 9)
    )
)


@given(STEPS)
def test_whatever_is_sent_with_one_key_went_to_one_system(steps: list[tuple[str, str, System, int]]) -> None:
    books, held, sent = Books(), dict[int, tuple[Bid, Granted]](), dict[str, set[System]]()
    for number, (step, key, system, which) in enumerate(steps):
        if step == "bid":
            wanted = bid(number + 100, key, system)
            answer = books.bid(wanted)
            assert isinstance(answer, Granted)
            held[which] = (wanted, answer)
        elif which in held:
            wanted, answer = held.pop(which)
            if step is not Ending.UNSENT:
                sent.setdefault(wanted.key, set()).add(answer.system)
            books.settle(wanted, Ending(step), "b")
    assert all(len(systems) == 1 for systems in sent.values())
