"""The table as other rooms see it."""

import pytest

from proxy.routing.table import Backend, Match, PathKind, PathMatch, Route, RouteTable


def _table() -> RouteTable:
    routes = (
        Route("pay", "old", matches=(Match(PathMatch(PathKind.EXACT, "/pay"), frozenset([b"POST"])),)),
        Route("files", "old", matches=(Match(PathMatch(PathKind.PREFIX, "/files")),)),
    )
    return RouteTable("t", routes, {"old": Backend("old", "http", "127.0.0.1", 1)}, {}, "0" * 16)


def test_a_request_finds_its_route_or_none() -> None:
    table = _table()
    found = table.find(b"POST", b"/pay?x=1", ())
    assert found is table.routes[0]
    assert table.find(b"GET", b"/pay", ()) is None
    assert not table.refused(b"GET", b"/pay", ())


def test_a_target_that_is_two_routes_is_refused_and_not_just_missing() -> None:
    table = _table()
    assert table.find(b"POST", b"/files/../pay", ()) is None
    assert table.refused(b"POST", b"/files/../pay", ())


def test_nobody_can_change_a_table() -> None:
    with pytest.raises(TypeError):
        _table().backends["new"] = Backend("new", "http", "127.0.0.1", 2)  # type: ignore[index]
