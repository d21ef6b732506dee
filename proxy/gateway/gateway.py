"""Holds the table in force and makes a passage of each request head.

Law of this file: the table is replaced whole, and a request keeps the one that it began with.
"""

import random
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from time import time
from typing import Final

from proxy.gateway import answers
from proxy.gateway.answers import Answer
from proxy.gateway.breaker import Breakers
from proxy.gateway.claimed import ClaimedPassage
from proxy.gateway.claiming import Claim, Claimant, Claiming
from proxy.gateway.held import MAX_BODY, Held
from proxy.gateway.passage import Passage
from proxy.gateway.ports import Channel, Client, Meter, Turn, Upstreams
from proxy.messages import Headers, Hop, Plan, RequestHead, System
from proxy.routing.asked import Asked, header_value
from proxy.routing.route import Backend, Effects, Route
from proxy.routing.split import plan
from proxy.routing.table import RouteTable

_LEGACY: Final = System.LEGACY
_REMEMBERED: Final = 4096
_CHAIN: Final = 16
"""So many forwarding proxies are looked at."""


class Gateway:
    """What all requests of one worker share. `new_id`: gives each exchange an id that is unique and sorts by time;
    `clock`: Unix seconds; `chance`: a number from 0 up to 1, for routes that leave something to chance.
    """

    def __init__(
        self,
        table: RouteTable,
        upstreams: Upstreams,
        channel: Channel,
        meter: Meter,
        turn: Turn,
        new_id: Callable[[], str],
        breakers: Breakers,
        clock: Callable[[], float] = time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.table = table
        self.upstreams = upstreams
        self.channel = channel
        self.meter = meter
        self.turn = turn
        self.new_id = new_id
        self.clock = clock
        self.chance = chance
        self.breakers = breakers
        self.claiming: Claiming | None = None
        self._follow(table)
        self._trusted: dict[str, bool] = {}

    def adopt(self, table: RouteTable, upstreams: Upstreams) -> None:
        """From now on requests begin with this table; those that have begun keep theirs."""
        self.table, self.upstreams = table, upstreams
        self._follow(table)
        self._trusted.clear()

    def begin_claims(self, claiming: Claiming) -> None:
        """From now on what has to be claimed is."""
        self.claiming = claiming
        claiming.adopt(self.table)

    def _follow(self, table: RouteTable) -> None:
        self.breakers.adopt(table)
        if self.claiming is not None:
            self.claiming.adopt(table)

    def passage(self, client: Client, head: RequestHead) -> Passage | Held:
        if self.claiming is None:
            passage = Passage(self, self.table, client, head)
        else:
            passage = ClaimedPassage(self, self.table, client, head)
        if self.table.circumstantial and self._hangs_on_body(head):
            return Held(self, passage, client)
        return passage

    def _hangs_on_body(self, head: RequestHead) -> bool:
        if head.length == 0 or (head.length or 0) > MAX_BODY:
            return False
        return self.table.matcher.undecided(head.method, head.target, head.headers, self.clock())

    def find(self, table: RouteTable, head: RequestHead, body: bytes | None) -> Route | Answer:
        """The route of a request, or what is answered where there is none. `body`: what a route may be chosen by."""
        now = self.clock() if table.circumstantial else 0.0
        route = table.find(head.method, head.target, head.headers, now, body)
        if route is not None:
            return route
        ambiguous = table.refused(head.method, head.target, head.headers, now, body)
        return answers.ambiguous() if ambiguous else answers.no_route(head.target)

    def refusal(self, table: RouteTable, backend: Backend, head: RequestHead, *, marked: bool) -> Answer | None:
        """Why a request may not go to this backend; None if it may."""
        if marked and backend.effects is Effects.LIVE:
            self.meter.dropped("shadow-loop")
            return answers.marked(backend.name)
        if (head.length or 0) > table.limits.body_bytes:
            return answers.too_large(table.limits.body_bytes)
        return None

    def claim(self, claimant: Claimant, route: Route, head: RequestHead, plan: Plan) -> Claim | None:
        """What a request of a route that pins has to claim; None if nothing."""
        if self.claiming is None:
            return None
        return self.claiming.claim(claimant, route, head, plan, self.breakers.is_open(route.name))

    def plan(self, route: Route, head: RequestHead, hop: Hop, *, marked: bool) -> Plan:
        """What is done with a request of this route."""
        if not route.weighed:
            found = plan(route, head.method, marked=marked)
        else:
            client = self.client_of(hop, head.headers)
            asked = Asked(head.target, head.headers, client=client, chance=self.chance)
            found = plan(route, head.method, asked, marked=marked)
        if route.breaker is None or found.primary is _LEGACY:
            return found
        return self.breakers.planned(route, found)

    def refuse(self, client: Client, status: int, detail: str) -> None:
        """Answers what could not be read as a request."""
        answer = answers.refused(status, detail)
        self.meter.began()
        self.meter.answered("", None, answer.status, 0.0)
        client.respond(answer.status, answer.reason, answer.fields, len(answer.body))
        client.send(answer.body)
        client.finish()

    def trusts(self, peer: str) -> bool:
        """Whether the forwarding fields of this peer are believed (spec.trustedProxies)."""
        if not self.table.trusted_proxies:
            return False
        known = self._trusted.get(peer)
        if known is None:
            known = bool(peer) and any(ip_address(peer) in network for network in self.table.trusted_proxies)
            if len(self._trusted) < _REMEMBERED:
                self._trusted[peer] = known
        return known

    def client_of(self, hop: Hop, headers: Headers) -> bytes:
        """The address that a request came from: the peer's, or if that is trusted the last of X-Forwarded-For that is
        not itself a trusted proxy's.
        """
        if not hop.trusted:
            return plain_address(hop.client)
        said = (header_value(headers, b"x-forwarded-for") or b"").split(b",")[-_CHAIN:]
        chain = [plain_address(part) for part in said]
        for address in reversed(chain):
            if address and not self._is_proxy(address):
                return address
        return chain[0] or plain_address(hop.client)

    def _is_proxy(self, address: bytes) -> bool:
        try:
            return self.trusts(address.decode())
        except ValueError:
            return False


def plain_address(text: bytes) -> bytes:
    """An address in one spelling: without a port or brackets, IPv4 as such; what is none stays as it is."""
    bare = text.strip()
    if bare[:1] == b"[":
        bare = bare[1:].partition(b"]")[0]
    elif bare.count(b":") == 1:
        bare = bare.partition(b":")[0]
    try:
        address = ip_address(bare.decode())
    except ValueError:
        return bare
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address).encode()
