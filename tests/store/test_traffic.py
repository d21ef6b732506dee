"""What is known of the traffic: of late by method, ever by route."""

import dataclasses

import pytest
from msgspec.structs import replace

from proxy.store.engine import Store
from proxy.store.errors import StoreError
from proxy.store.record import Record
from proxy.store.traffic import MethodTraffic, RouteTraffic, recent_traffic
from tests.store.made import AMOUNT, EXCUSED, NOON, inconclusive, put_in, record


def getting(made: Record) -> Record:
    """The same record of a request with GET."""
    request = replace(made.exchange.request, method=b"GET")
    return dataclasses.replace(made, exchange=replace(made.exchange, request=request))


async def put(store: Store, *records: Record) -> None:
    await store.run(put_in, records, (), store.salt)


async def test_nothing(store: Store, url: str) -> None:
    found = await recent_traffic(url, NOON)
    assert (found.since, found.exchanges, found.routes) == (NOON, 0, ())


async def test_routes_methods_and_shares(store: Store, url: str) -> None:
    await put(store, record("1"), record("2", AMOUNT), inconclusive("3"), getting(record("4", EXCUSED)))
    await put(store, record("5", route="old", at=NOON - 1), record("6", route="list"))
    found = await recent_traffic(url, NOON)
    assert found.exchanges == 5
    assert found.routes == (
        RouteTraffic("create-payment", 4, 0.8, 3, (MethodTraffic("GET", 1, 1), MethodTraffic("POST", 3, 2))),
        RouteTraffic("list", 1, 0.2, 1, (MethodTraffic("POST", 1, 1),)),
        RouteTraffic("old", 0, 0.0, 1, ()),
    )


async def test_what_could_not_be_compared_is_no_evidence(store: Store, url: str) -> None:
    await put(store, inconclusive("1"), inconclusive("2"))
    (route,) = (await recent_traffic(url, NOON)).routes
    assert (route.exchanges, route.compared, route.methods) == (2, 0, (MethodTraffic("POST", 2, 0),))


async def test_no_store(url: str) -> None:
    with pytest.raises(StoreError, match="there is no store|is no store of strangler"):
        await recent_traffic(url, NOON)
