import pytest

from proxy.messages import System
from proxy.runtime.metering import Metering, publish
from proxy.telemetry.registry import Registry

REQUESTS, DROPPED = "strangler_requests_total", "strangler_dropped_total"


@pytest.fixture
def registry() -> Registry:
    return Registry()


def counted(registry: Registry, name: str) -> dict[tuple[str, ...], int]:
    return {each.labels: each.value for each in registry.snapshot().counters if each.name == name}


def inflight(metering: Metering, registry: Registry) -> float:
    metering.publish()
    return next(each.value for each in registry.snapshot().gauges if each.name == "strangler_inflight")


def test_requests_are_counted_by_route_system_and_class(registry: Registry) -> None:
    metering = Metering(registry)
    for status in (200, 204, 404, 500, 777):
        metering.began()
        metering.answered("pay", System.LEGACY, status, 0.01)
    metering.began()
    metering.answered("pay", System.CANDIDATE, 200, 0.01)
    assert counted(registry, REQUESTS) == {
        ("pay", "legacy", "2xx"): 2,
        ("pay", "legacy", "4xx"): 1,
        ("pay", "legacy", "5xx"): 1,
        ("pay", "legacy", "other"): 1,
        ("pay", "candidate", "2xx"): 1,
    }


def test_what_no_system_answered_is_counted_as_none(registry: Registry) -> None:
    metering = Metering(registry)
    metering.began()
    metering.answered("", None, 404, 0.0)
    assert counted(registry, REQUESTS) == {("", "none", "4xx"): 1}


def test_how_long_it_took_is_kept_by_route_and_system(registry: Registry) -> None:
    metering = Metering(registry)
    for seconds in (0.25, 0.5):
        metering.began()
        metering.answered("pay", System.LEGACY, 200, seconds)
    (histogram,) = registry.snapshot().histograms
    assert (histogram.name, histogram.labels) == ("strangler_request_duration_seconds", ("pay", "legacy"))
    assert (sum(histogram.counts), histogram.total) == (2, 0.75)


def test_what_began_and_is_not_answered_is_in_flight(registry: Registry) -> None:
    metering = Metering(registry)
    assert inflight(metering, registry) == 0
    metering.began()
    metering.began()
    assert inflight(metering, registry) == 2
    metering.answered("pay", System.LEGACY, 200, 0.01)
    assert inflight(metering, registry) == 1


def test_drops_are_counted_by_reason(registry: Registry) -> None:
    metering = Metering(registry)
    for reason in ("over-cap", "shadow-loop", "over-cap"):
        metering.dropped(reason)
    assert counted(registry, DROPPED) == {("over-cap",): 2, ("shadow-loop",): 1}


def test_counts_kept_elsewhere_are_brought_once(registry: Registry) -> None:
    elsewhere, seen = {"channel-full": 0, "channel-down": 3}, dict[str, int]()
    publish(registry, elsewhere, seen)
    publish(registry, elsewhere, seen)
    assert counted(registry, DROPPED) == {("channel-down",): 3}
    elsewhere.update({"channel-full": 1, "channel-down": 5})
    publish(registry, elsewhere, seen)
    assert counted(registry, DROPPED) == {("channel-down",): 5, ("channel-full",): 1}
