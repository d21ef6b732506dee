"""What a request claims, and what a grant makes of its plan."""

from dataclasses import dataclass, field

import pytest
from msgspec import structs

from proxy.claims.words import Bid, Bound, Denial, Ending, Granted, Ref
from proxy.gateway.answers import Answer
from proxy.gateway.breaker import PROBE
from proxy.gateway.claiming import MAX_BODY, Claim, Claiming
from proxy.gateway.ports import Bidder, Creator
from proxy.messages import Headers, Plan, RequestHead, Stage, System
from proxy.routing.table import Backend, Pin, Route, RouteTable

PIN = Pin(("header:Idempotency-Key", "body:$.key"))
ROUTE = Route("pay", "monolith", "payments", Stage.CANDIDATE, pin=PIN)
BACKENDS = {name: Backend(name, "http", "127.0.0.1", 1) for name in ("monolith", "payments", "others")}
TABLE = RouteTable("t", (ROUTE, Route("plain", "monolith")), BACKENDS, {}, "hash")
PLAN = Plan("pay", Stage.CANDIDATE, System.CANDIDATE, "payments", "shadow", "stage")
KEY: Headers = ((b"Idempotency-Key", b"k"),)


@dataclass
class Wired:
    """The claims of a worker without a service: the test grants."""

    bids: list[Bid] = field(default_factory=list)
    owned: list[tuple[tuple[Ref, ...], System]] = field(default_factory=list)
    settled: list[tuple[int, Ending]] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)
    went: list[Plan] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def bid(self, bid: Bid, bidder: Bidder) -> Bid:
        self.bids.append(bid)
        return bid

    def withdraw(self, bid: Bid) -> None:
        self.withdrawn.append(bid.number)

    def own(self, refs: tuple[Ref, ...], grant: Granted, creator: Creator) -> None:
        self.owned.append((refs, grant.system))
        creator.owned()

    def settle(self, bid: Bid, grant: Granted, ending: Ending, body: str = "", detail: str = "") -> None:
        self.settled.append((grant.number, ending))

    def began(self) -> None: ...
    def answered(self, route: str, system: System | None, status: int, seconds: float) -> None: ...
    def dropped(self, reason: str) -> None: ...
    def unknown(self, route: str) -> None: ...

    def claimed(self, event: "str | Plan") -> None:
        self.went.append(event) if isinstance(event, Plan) else self.counted.append(str(event))

    def refused(self, answer: Answer) -> None:
        self.answers.append(answer)


@pytest.fixture
def wired() -> Wired:
    return Wired()


def claim(
    wired: Wired,
    headers: Headers = KEY,
    *,
    method: bytes = b"POST",
    length: int | None = 0,
    route: Route = ROUTE,
    plan: Plan = PLAN,
    is_open: bool = False,
) -> Claim | None:
    claiming = Claiming(wired, b"s" * 32, wired)
    claiming.adopt(RouteTable("t", (route,), BACKENDS, {}, "hash"))
    head = RequestHead(method, b"/pay", b"1", headers, length, True, False)
    return claiming.claim(wired, route, head, plan, is_open)


def begun(wired: Wired, headers: Headers = KEY, **options: object) -> Claim:
    found = claim(wired, headers, **options)  # type: ignore[arg-type]
    assert found is not None
    assert not found.begin(BACKENDS, None)
    return found


@pytest.mark.parametrize(("method", "route"), [(b"GET", ROUTE), (b"POST", TABLE.routes[1])])
def test_reads_and_routes_without_a_pin_claim_nothing(wired: Wired, method: bytes, route: Route) -> None:
    assert claim(wired, method=method, route=route) is None


def test_a_grant_by_the_plan_lets_it_go_as_planned(wired: Wired) -> None:
    begun(wired).granted(Granted(1, System.CANDIDATE, "payments", Bound.PLAN))
    assert wired.went == [PLAN]
    assert (wired.bids[0].system, wired.bids[0].legacy, wired.bids[0].candidate) == (
        "candidate",
        "monolith",
        "payments",
    )
    assert wired.counted == ["plan"]


def test_a_pin_to_the_other_system_goes_before_the_plan_and_is_not_copied(wired: Wired) -> None:
    begun(wired).granted(Granted(1, System.LEGACY, "others", Bound.PIN))
    (plan,) = wired.went
    assert (plan.primary, plan.backend, plan.shadow) == (System.LEGACY, "others", None)
    assert plan.reason == "its key is bound to legacy"


def test_where_a_pin_goes_before_a_plan_that_copies_the_write_the_shadow_is_told_of_the_gap(wired: Wired) -> None:
    copied = structs.replace(PLAN, writes=True)
    begun(wired, plan=copied).granted(Granted(1, System.LEGACY, "others", Bound.PIN))
    (plan,) = wired.went
    assert (plan.primary, plan.shadow, plan.spared, plan.writes) == (System.LEGACY, "shadow", True, True)


def test_a_pin_to_the_planned_system_keeps_the_copy(wired: Wired) -> None:
    begun(wired).granted(Granted(1, System.CANDIDATE, "payments", Bound.PIN))
    (plan,) = wired.went
    assert (plan.backend, plan.shadow, plan.reason) == ("payments", "shadow", "its key is bound to candidate; stage")


def test_a_backend_that_the_table_has_no_more_is_the_routes_of_that_system(wired: Wired) -> None:
    begun(wired).granted(Granted(1, System.LEGACY, "renamed", Bound.PIN))
    assert wired.went[0].backend == "monolith"


def test_bound_to_a_system_without_a_backend_it_goes_nowhere(wired: Wired) -> None:
    alone = Route("pay", "monolith", pin=PIN)
    legacy = Plan("pay", Stage.LEGACY, System.LEGACY, "monolith", None, "stage")
    begun(wired, route=alone, plan=legacy).granted(Granted(1, System.CANDIDATE, "gone", Bound.PIN))
    assert (wired.went, [answer.status for answer in wired.answers]) == ([], [503])
    assert wired.settled == [(1, Ending.UNSENT)]


@pytest.mark.parametrize(("reason", "status"), [("stage", [503]), (f"{PROBE} 1", [])])
def test_bound_to_a_candidate_whose_breaker_is_open_only_a_probe_goes(
    wired: Wired, reason: str, status: list[int]
) -> None:
    plan = Plan("pay", Stage.CANDIDATE, System.CANDIDATE, "payments", None, reason)
    begun(wired, plan=plan, is_open=True).granted(Granted(1, System.CANDIDATE, "payments", Bound.PIN))
    assert [answer.status for answer in wired.answers] == status


@pytest.mark.parametrize(
    ("why", "status", "repeats"),
    [(Denial.TWO_OWNERS, 409, False), (Denial.UNREACHABLE, 503, True), (Denial.FULL, 503, True)],
)
def test_what_is_denied_is_answered_and_holds_nothing(wired: Wired, why: Denial, status: int, repeats: bool) -> None:
    found = begun(wired)
    found.denied(why)
    found.ended(Ending.UNSENT)
    (answer,) = wired.answers
    assert (answer.status, b"Retry-After" in answer.fields) == (status, repeats)
    assert (wired.settled, wired.withdrawn) == ([], [])


def test_a_write_without_a_key_goes_or_is_refused_as_the_file_says(wired: Wired) -> None:
    found = claim(wired, ())
    assert found is not None
    assert found.begin(BACKENDS, None)
    found.ended(Ending.SENT)
    assert wired.settled == []
    strict = Route("pay", "monolith", "payments", Stage.CANDIDATE, pin=Pin(PIN.key, required=True))
    begun(wired, (), route=strict)
    assert [answer.status for answer in wired.answers] == [400]
    assert wired.counted == ["missing", "missing"]


def test_of_a_write_without_a_key_an_unknown_outcome_is_told(wired: Wired) -> None:
    found = claim(wired, ())
    assert found is not None
    found.begin(BACKENDS, None)
    found.ended(Ending.UNKNOWN)
    assert wired.settled == [(0, Ending.UNKNOWN)]


def test_a_key_in_the_body_is_awaited(wired: Wired) -> None:
    found = begun(wired, (), length=None)
    assert found.awaits_body
    assert wired.bids == []
    found.body_came(b'{"key": "k"}')
    begun(wired)
    assert len(wired.bids) == 2
    assert wired.bids[0].key == wired.bids[1].key
    late = begun(wired, (), length=9)
    late.body_came(b"{}")
    assert wired.went == [PLAN]


def test_a_body_that_is_known_already_is_not_awaited(wired: Wired) -> None:
    found = claim(wired, (), length=12)
    assert found is not None
    assert not found.begin(BACKENDS, b'{"key": "k"}')
    assert len(wired.bids) == 1


def test_a_body_that_is_too_large_to_look_in_is_refused(wired: Wired) -> None:
    begun(wired, (), length=MAX_BODY + 1)
    assert [answer.status for answer in wired.answers] == [413]


def test_an_end_is_told_once(wired: Wired) -> None:
    found = begun(wired)
    found.ended(Ending.UNSENT)
    assert wired.withdrawn == [0]
    again = begun(wired)
    again.granted(Granted(5, System.CANDIDATE, "payments", Bound.PLAN))
    again.ended(Ending.SENT)
    again.ended(Ending.UNSENT)
    assert wired.settled == [(5, Ending.SENT)]
