"""What spec.defaults and groups fill in."""

from proxy.config.defaults import completed_backend, completed_canary, completed_route
from proxy.config.schema import DefaultsSpec
from proxy.config.schema_backends import BackendSpec
from proxy.config.schema_routes import CanaryDefaultsSpec, CanarySpec, GroupSpec, RouteSpec
from proxy.messages import Stage
from proxy.routing.split import Semantics

ROUTE = {"name": "r", "stage": "legacy", "backendRefs": {"legacy": "old"}}
DEFAULTS = DefaultsSpec.model_validate(
    {
        "owner": "@pay",
        "semantics": "read",
        "compare": "p",
        "shadow": {"timeout": "2s", "percent": 50, "candidate": "dry"},
        "canary": {"hashOn": ["client"], "include": ["m1"]},
        "breaker": {"window": "9s", "minRequests": 7},
        "host": "backend",
        "pool": {"maxConnections": 3, "maxPending": 5},
        "healthCheck": {"path": "/up"},
    }
)


def _route(**said: object) -> RouteSpec:
    return completed_route(RouteSpec.model_validate({**ROUTE, **said}), DEFAULTS, {})


def test_what_a_route_does_not_say_is_filled_in() -> None:
    found = _route()
    assert (found.owner, found.semantics, found.compare) == ("@pay", Semantics.READ, "p")
    assert found.shadow == DEFAULTS.shadow
    assert found.breaker == DEFAULTS.breaker
    assert found.canary == CanarySpec(weight=0.0, hashOn=["client"], include=["m1"])


def test_what_a_route_says_stands_field_by_field() -> None:
    found = _route(owner="@me", semantics="auto", compare="q", shadow={"percent": 100}, breaker={"minRequests": 1})
    assert (found.owner, found.semantics, found.compare) == ("@me", Semantics.AUTO, "q")
    assert found.shadow is not None
    assert (found.shadow.percent, found.shadow.timeout, found.shadow.candidate) == (100, 2.0, "dry")
    assert found.breaker is not None
    assert (found.breaker.min_requests, found.breaker.window) == (1, 9.0)


def test_without_defaults_nothing_changes() -> None:
    spec = RouteSpec.model_validate(ROUTE)
    assert completed_route(spec, DefaultsSpec(), {}) == spec
    assert completed_canary(None, None) is None


def test_a_canary_takes_what_it_does_not_say_itself() -> None:
    defaults = CanaryDefaultsSpec(hashOn=["client"], include=["m1"])
    assert completed_canary(CanarySpec(weight=5), defaults) == CanarySpec(weight=5, hashOn=["client"], include=["m1"])
    own = CanarySpec(weight=5, hashOn=["query:a"], include=[])
    assert completed_canary(own, defaults) == own


def test_a_groups_stage_and_canary_are_its_routes() -> None:
    group = GroupSpec.model_validate({"name": "g", "stage": "canary", "canary": {"weight": 5}})
    spec = RouteSpec.model_validate({"name": "r", "group": "g", "backendRefs": {"legacy": "old"}})
    found = completed_route(spec, DEFAULTS, {"g": group})
    assert found.stage is Stage.CANARY
    assert found.canary == CanarySpec(weight=5, hashOn=["client"], include=["m1"])
    assert completed_route(spec, DEFAULTS, {}).stage is None


def test_backends() -> None:
    found = completed_backend(BackendSpec.model_validate({"name": "b", "pool": {"maxPending": 9}}), DEFAULTS)
    assert found.pool is not None
    assert (found.pool.max_connections, found.pool.max_pending, found.pool.idle_timeout) == (3, 9, 1.5)
    assert (found.host, found.health_check) == ("backend", DEFAULTS.health_check)
    own = BackendSpec.model_validate({"name": "b", "host": "preserve", "healthCheck": {"path": "/h"}})
    assert completed_backend(own, DEFAULTS).host == "preserve"
    assert completed_backend(own, DEFAULTS).health_check == own.health_check
