"""The table as other rooms see it."""

import pytest

from proxy.messages import Stage
from proxy.routing.digest import digest
from proxy.routing.route import with_stage
from proxy.routing.table import Backend, BodyMatch, Match, PathKind, PathMatch, Route, RouteTable, Window, remade


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


def test_a_table_is_made_again_with_changed_routes_and_another_hash() -> None:
    table = remade(_table(), tuple(Route(route.name, "old", "new", matches=route.matches) for route in _table().routes))
    changed = remade(table, tuple(with_stage(route, Stage.CANDIDATE) for route in table.routes))
    assert changed.hash == digest(changed) != table.hash
    found = changed.find(b"POST", b"/pay", ())
    assert found is not None
    assert found.stage is Stage.CANDIDATE
    assert remade(changed, table.routes).hash == table.hash
    assert table.routes[0].stage is Stage.LEGACY


@pytest.mark.parametrize(
    ("match", "circumstantial"),
    [(Match(), False), (Match(during=Window(60)), True), (Match(body=BodyMatch("$.a", (1,))), True)],
)
def test_it_knows_whether_time_or_body_count(match: Match, circumstantial: bool) -> None:
    table = RouteTable("t", (Route("r", "old", matches=(match,)),), {}, {}, "")
    assert table.circumstantial is circumstantial
    assert (table.find(b"POST", b"/", (), 3600.0, b'{"a": 1}') is not None) is True
    assert (table.find(b"POST", b"/", ()) is None) is circumstantial
