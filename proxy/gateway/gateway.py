"""Holds the table in force and makes a passage of each request head.

Law of this file: the table is replaced whole, and a request keeps the one that it began with.
"""

from collections.abc import Callable
from ipaddress import ip_address

from proxy.gateway import answers
from proxy.gateway.passage import Passage
from proxy.gateway.ports import Channel, Client, Meter, Turn, Upstreams
from proxy.messages import RequestHead
from proxy.routing.table import RouteTable

_REMEMBERED = 4096


class Gateway:
    """What all requests of one worker share. `new_id`: gives each exchange an id that is unique and sorts by time."""

    def __init__(
        self,
        table: RouteTable,
        upstreams: Upstreams,
        channel: Channel,
        meter: Meter,
        turn: Turn,
        new_id: Callable[[], str],
    ) -> None:
        self.table = table
        self.upstreams = upstreams
        self.channel = channel
        self.meter = meter
        self.turn = turn
        self.new_id = new_id
        self._trusted: dict[str, bool] = {}

    def passage(self, client: Client, head: RequestHead) -> Passage:
        return Passage(self, self.table, client, head)

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
