"""Routes and backends as data."""

from dataclasses import FrozenInstanceError

import pytest

from proxy.messages import Stage
from proxy.routing.route import PathKind, Route


def test_path_kinds_are_listed_in_the_order_of_precedence() -> None:
    assert list(PathKind) == ["Exact", "PathTemplate", "RegularExpression", "PathPrefix"]


def test_a_route_is_never_changed_in_place() -> None:
    route = Route("r", "old")
    with pytest.raises(FrozenInstanceError):
        route.stage = Stage.CANDIDATE  # type: ignore[misc]


def test_routes_with_the_same_content_are_equal() -> None:
    assert Route("r", "old") == Route("r", "old")
    assert Route("r", "old") != Route("r", "old", "new", stage=Stage.SHADOW)
