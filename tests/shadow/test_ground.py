from collections.abc import Callable
from dataclasses import replace

from msgspec import structs

from proxy.messages import Exchange
from proxy.routing.route import Route, Shadowing
from proxy.routing.table import RouteTable
from proxy.shadow.ground import Ground

Tables = Callable[..., RouteTable]


def ground_of(current: list[RouteTable]) -> Ground:
    return Ground(lambda: current[0], b"0123456789abcdef", lambda: 0.0)


async def test_it_knows_what_the_table_says(make_table: Tables, route: Route, exchange: Exchange) -> None:
    table = make_table(route)
    ground = ground_of([table])
    terms = ground.terms(exchange.plan)
    assert terms is not None
    assert terms.route is route
    assert terms.policy is table.policies["default"].policy
    assert ground.backend(exchange.plan) is table.backends["payments"]


async def test_a_second_legacy_has_a_lane_of_its_own(make_table: Tables, route: Route, exchange: Exchange) -> None:
    noisy = replace(route, shadowing=replace(route.shadowing, noise="monolith"))
    table = make_table(noisy, replace(noisy, name="gone", shadowing=Shadowing(noise="nobody")))
    terms = ground_of([table]).terms(exchange.plan)
    assert terms is not None
    assert terms.second is not None
    assert terms.second.backend is table.backends["monolith"]
    assert terms.second.lane is not terms.lane
    gone = ground_of([table]).terms(structs.replace(exchange.plan, route="gone"))
    assert gone is not None
    assert gone.second is not None
    assert gone.second.backend is None


async def test_terms_are_made_once_for_a_table(make_table: Tables, route: Route, exchange: Exchange) -> None:
    ground = ground_of([make_table(route)])
    assert ground.terms(exchange.plan) is ground.terms(exchange.plan)


async def test_what_the_table_does_not_know_is_none(make_table: Tables, route: Route, exchange: Exchange) -> None:
    ground = ground_of([make_table(replace(route, name="another"))])
    assert ground.terms(exchange.plan) is None
    assert ground.backend(structs.replace(exchange.plan, shadow="nobody")) is None
    assert ground.backend(structs.replace(exchange.plan, shadow=None)) is None


async def test_a_new_table_holds_at_once(make_table: Tables, route: Route, exchange: Exchange) -> None:
    current = [make_table(route)]
    ground = ground_of(current)
    before = ground.terms(exchange.plan)
    current[0] = make_table(replace(route, owner="@somebody"))
    after = ground.terms(exchange.plan)
    assert before is not None
    assert after is not None
    assert (before.route.owner, after.route.owner) == (None, "@somebody")
    current[0] = make_table()
    assert ground.terms(exchange.plan) is None


async def test_a_policy_brings_its_own_redaction(make_table: Tables, route: Route, exchange: Exchange) -> None:
    terms = ground_of([make_table(route)]).terms(exchange.plan)
    assert terms is not None
    response = structs.replace(exchange.primary.outcome, body=b'{"iban":"FR7630006000011234567890189"}')
    assert b"FR76" not in terms.redactor.response(response).body


async def test_a_backend_is_called_by_its_authorities_and_by_what_the_client_asked_for(
    make_table: Tables, route: Route, exchange: Exchange
) -> None:
    table = make_table(route)
    several = replace(table.backends["payments"], addresses=(("A", 1), ("::1", 2)), host_header=b"Pay.example")
    ground = ground_of([replace(table, backends={**table.backends, "payments": several})])
    asked = structs.replace(exchange.request, headers=((b"HOST", b"Shop.example"),))
    assert ground.hosts("payments", asked) == {b"a:1", b"[::1]:2", b"pay.example", b"shop.example"}
    assert ground.hosts("monolith", asked) == {b"127.0.0.1:1", b"shop.example"}
    assert ground.hosts("nobody", asked) == {b"shop.example"}
