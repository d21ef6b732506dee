"""What a request claims before it is sent: the key of a write binds it, and all that repeat it, to one system; what it
names belongs to the system that created it.

Law of this file: nothing of a claimed request goes to anybody before the claim is granted, and then it goes where the
grant says, whatever the plan was; work that is bound to a system that is down or left gets 503, never the other one. A
claim that was granted is settled exactly once: unsent only if that is certain.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final, Protocol

from msgspec.structs import replace

from proxy.claims.keys import Digests, Found, PinRule, compile_rule, find
from proxy.claims.named import Named, Unreadable
from proxy.claims.words import Bid, Bound, Denial, Ending, Granted, Ref
from proxy.gateway import answers
from proxy.gateway.answers import Answer
from proxy.gateway.breaker import PROBE
from proxy.gateway.ports import Claims, Creator, Meter
from proxy.messages import Plan, Request, RequestHead, Response, System
from proxy.routing.asked import Asked
from proxy.routing.route import Backend, Route
from proxy.routing.split import asks
from proxy.routing.table import RouteTable

MAX_BODY: Final = 256 * 1024
"""Bytes of a body in which a key, or an entity, is looked for."""
MAX_ANSWER: Final = 1024 * 1024
"""Bytes of an answer in which what was created is looked for; a larger one is passed on unread, and counted."""
MISSING: Final = "missing"
LEFT: Final = "left"
UNREAD: Final = "answer-unread"
"""What is counted, besides what decided and what was denied."""


class Claimant(Protocol):
    """The request."""

    def claimed(self, plan: Plan) -> None: ...
    def refused(self, answer: Answer) -> None: ...


class Claiming:
    """What the claims of one worker share. `is_open`: whether the breaker of a route's candidate is."""

    def __init__(self, client: Claims, secret: bytes, meter: Meter) -> None:
        self.client = client
        self.digests = Digests(secret)
        self.meter = meter
        self.secret = blake2b(secret, digest_size=32).digest()
        self._rules: dict[str, PinRule] = {}
        self._named = Named((), self.digests)

    def adopt(self, table: RouteTable) -> None:
        """Follow the routes and entities of this table."""
        rules = {route.name: compile_rule(route) for route in table.routes if route.pin is not None}
        self._rules = {name: rule for name, rule in rules.items() if rule is not None}
        self._named = Named(table.entities, self.digests)

    def claim(self, claimant: Claimant, route: Route, head: RequestHead, plan: Plan, is_open: bool) -> "Claim | None":
        """The claim of a request; None if it has none to make."""
        is_write = not asks(route.semantics, head.method)
        rule = self._rules.get(route.name) if is_write else None
        named = self._named if self._named else None
        if rule is None and named is None:
            return None
        return Claim(self, claimant, rule, named, route, head, plan, is_open, is_write)


class Claim:
    """One request's. `awaits_body`: the key may stand in the body, which has to be whole first."""

    __slots__ = (
        "_backends",
        "_bid",
        "_claimant",
        "_digest",
        "_grant",
        "_head",
        "_is_open",
        "_is_write",
        "_named",
        "_pending",
        "_plan",
        "_route",
        "_rule",
        "_shared",
        "awaits_body",
    )

    _bid: Bid
    _backends: Mapping[str, Backend]

    def __init__(
        self,
        shared: Claiming,
        claimant: Claimant,
        rule: PinRule | None,
        named: Named | None,
        route: Route,
        head: RequestHead,
        plan: Plan,
        is_open: bool,
        is_write: bool,
    ) -> None:
        self._shared, self._claimant, self._rule, self._named = shared, claimant, rule, named
        self._route, self._head, self._plan, self._is_open, self._is_write = route, head, plan, is_open, is_write
        self._digest = blake2b(key=shared.secret, digest_size=16)
        self._grant: Granted | None = None
        self._pending = False
        self.awaits_body = False

    def begin(self, backends: Mapping[str, Backend], body: bytes | None) -> bool:
        """Whether there is nothing to wait for: then the request goes as it is planned. `body`: if it is known."""
        self._backends = backends
        known = body is not None or self._head.length == 0
        return self._found(self._asked(body, awaited=not known))

    def body_came(self, body: bytes) -> None:
        """All of it, where it was awaited."""
        self.awaits_body = False
        if self._found(self._asked(body, awaited=False)):
            self._claimant.claimed(self._plan)

    def passes(self, data: bytes) -> None:
        """A part of the body."""
        self._digest.update(data)

    def granted(self, grant: Granted) -> None:
        self._pending, self._grant = False, grant
        self._shared.meter.claimed(grant.bound_by)
        backend = grant.backend if grant.backend in self._backends else self._bid.backend(grant.system)
        bound = grant.bound_by is not Bound.PLAN
        if backend is None or backend not in self._backends:
            self._refuse(answers.unserved(grant.backend), LEFT)
        elif bound and grant.system is System.CANDIDATE and self._is_open and not self._plan.reason.startswith(PROBE):
            self._refuse(answers.unserved(backend), LEFT)
        else:
            self._claimant.claimed(_followed(self._plan, grant, backend) if bound else self._plan)

    def denied(self, why: Denial) -> None:
        self._pending = False
        self._shared.meter.claimed(why)
        self._claimant.refused(answers.denied(why))

    def ended(self, ending: Ending, detail: str = "") -> None:
        """What became of the request; says it once."""
        grant, self._grant = self._grant, None
        if self._pending:
            self._pending = False
            self._shared.client.withdraw(self._bid)
        elif grant is not None and (self._bid.key or (ending is Ending.UNKNOWN and self._is_write)):
            self._shared.client.settle(self._bid, grant, ending, self._digest.hexdigest(), detail[:255])

    def creates(self, status: int) -> bool:
        """Whether an answer of this status may name what the request has created."""
        return self._is_write and self._named is not None and 200 <= status < 300

    def created(self, answer: Response, creator: Creator) -> bool:
        """Whether an answer, which is whole, names what it has created; the creator is then told once that is kept."""
        assert self._named is not None
        grant = self._grant or self._planned()
        try:
            refs = self._named.created(self._head.target, answer, self._bid.refs)
        except Unreadable:
            self.unread()
            return False
        if refs:
            self._shared.client.own(refs, grant, creator)
        return bool(refs)

    def unread(self) -> None:
        """Whether its answer names what it has created is not known."""
        self._shared.meter.claimed(UNREAD)

    def _asked(self, body: bytes | None, *, awaited: bool) -> Asked:
        return Asked(self._head.target, self._head.headers, body=body, awaited=awaited)

    def _found(self, asked: Asked) -> bool:
        """Whether there is nothing to wait for."""
        found = find(self._rule, asked) if self._rule is not None else Found()
        self.awaits_body = found.needs_body or (asked.awaited and self._names_in_body())
        if self.awaits_body:
            if (self._head.length or 0) > MAX_BODY:
                self._claimant.refused(answers.too_large(MAX_BODY))
            return False
        try:
            self._bid = self._made(found, self._refs(asked.body))
        except Unreadable as fault:
            self._claimant.refused(answers.unreadable(str(fault)))
            return False
        if not self._bid.key and not self._bid.refs:
            return self._unbound()
        self._pending = True
        self._bid = self._shared.client.bid(self._bid, self)
        return False

    def _names_in_body(self) -> bool:
        return self._named is not None and self._named.reads_body(self._head.headers)

    def _refs(self, body: bytes | None) -> tuple[Ref, ...]:
        """What the request names. Raises Unreadable."""
        if self._named is None:
            return ()
        read = body if body is not None and self._names_in_body() else b""
        return self._named.by_request(Request(self._head.method, self._head.target, self._head.headers, read))

    def _unbound(self) -> bool:
        """Nothing of it can be bound; whether it goes all the same."""
        if self._rule is not None:
            self._shared.meter.claimed(MISSING)
            if self._rule.pin.required:
                self._claimant.refused(answers.no_key(self._rule.pin.key))
                return False
        self._grant = self._planned()
        return True

    def _planned(self) -> Granted:
        return Granted(0, self._plan.primary, self._plan.backend, Bound.PLAN)

    def _made(self, found: Found, refs: tuple[Ref, ...]) -> Bid:
        digests, route = self._shared.digests, self._route
        return Bid(
            number=0,
            key=digests.key(found) if found.key is not None else "",
            token=digests.token(found.key) if found.key is not None else "",
            system=self._plan.primary,
            legacy=route.legacy,
            candidate=route.candidate,
            route=route.name,
            ttl=self._rule.pin.ttl if self._rule is not None else 0.0,
            refs=refs,
        )

    def _refuse(self, answer: Answer, counted: str) -> None:
        self._shared.meter.claimed(counted)
        self.ended(Ending.UNSENT)
        self._claimant.refused(answer)


def _followed(plan: Plan, grant: Granted, backend: str) -> Plan:
    """The plan of a request that something binds. One that it goes against is not copied; where a write was to be, that
    backend is told of the gap.
    """
    reason = f"its {'key' if grant.bound_by is Bound.PIN else 'entity'} is bound to {grant.system}"
    if grant.system is plan.primary and backend == plan.backend:
        return replace(plan, backend=backend, reason=f"{reason}; {plan.reason}")
    told = plan.shadow if plan.writes else None
    return Plan(plan.route, plan.stage, grant.system, backend, told, reason, spared=plan.writes, writes=plan.writes)
