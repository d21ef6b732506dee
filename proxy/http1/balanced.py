"""The connections to a backend with several addresses: a pool for each, and a balancer that chooses between them.

Law of this file: the bounds of a pool hold for each address. What a request does is decided where it is for one
address: nothing is sent twice, and a request that was sent to one address is not moved to another.
"""

from collections.abc import Sequence

from proxy.http1.balance import Balancer
from proxy.http1.client import ClientConnection
from proxy.http1.pool import Address, Pool, PoolSettings, Waiter
from proxy.http1.ticker import Ticker
from proxy.messages import Failure


class Endpoint(Pool):
    """The pool of one of several addresses. It tells the balancer how what was asked there ends."""

    def __init__(
        self, address: Address, settings: PoolSettings, ticker: Ticker, balancer: Balancer, number: int
    ) -> None:
        super().__init__(address, settings, ticker)
        self._balancer = balancer
        self._number = number

    @property
    def busy(self) -> int:
        """Requests that are under way here, or wait to be."""
        return len(self._all) - len(self._idle) + len(self._waiters)

    def holds(self, connection: ClientConnection) -> bool:
        return connection in self._all

    def forget(self, waiter: Waiter) -> None:
        Pool.forget(self, waiter)
        self._look()

    async def _dial(self) -> ClientConnection | Failure:
        outcome = await Pool._dial(self)
        if isinstance(outcome, Failure):
            self._balancer.failed(self._number, self.ticker.now())
        return outcome

    def _released(self, connection: ClientConnection, reusable: bool) -> None:
        if connection.silent:
            self._balancer.failed(self._number, self.ticker.now())
        elif self._balancer.troubled(self._number) and connection.heard and connection not in self._idle:
            self._balancer.answered(self._number)
        Pool._released(self, connection, reusable)
        self._look()

    def _look(self) -> None:
        """Where nothing is under way there is no probe either: whoever was it has gone."""
        if self._balancer.troubled(self._number) and not self.busy:
            self._balancer.let_go(self._number, self.ticker.now())


class Balanced:
    """As a Pool, over one or more addresses."""

    def __init__(self, addresses: Sequence[Address], settings: PoolSettings, ticker: Ticker) -> None:
        self.balancer = Balancer(len(addresses))
        self._ticker = ticker
        self._endpoints = [
            Endpoint(address, settings, ticker, self.balancer, number) for number, address in enumerate(addresses)
        ]

    def choose(self) -> Pool:
        """The pool for one more request."""
        busy = [endpoint.busy for endpoint in self._endpoints]
        return self._endpoints[self.balancer.choose(self._ticker.now(), busy)]

    def at(self, number: int) -> Pool:
        """The pool of one address."""
        return self._endpoints[number]

    def acquire(self, waiter: Waiter, *, fresh: bool = False) -> ClientConnection | None:
        return self.choose().acquire(waiter, fresh=fresh)

    def forget(self, waiter: Waiter) -> None:
        for endpoint in self._endpoints:
            endpoint.forget(waiter)

    def give_back(self, connection: ClientConnection) -> None:
        for endpoint in self._endpoints:
            if endpoint.holds(connection):
                endpoint.give_back(connection)
                return
        connection.close()

    def retire(self) -> None:
        for endpoint in self._endpoints:
            endpoint.retire()

    async def close(self) -> None:
        for endpoint in self._endpoints:
            await endpoint.close()
