"""What is derived from the numbers of a route."""

from proxy.store.answers import RouteReport


def test_compared_and_all() -> None:
    route = RouteReport("r", 5, 3, 2, 4, (), (), (), None, None, ())
    assert (route.compared, route.exchanges) == (10, 14)
