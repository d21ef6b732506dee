"""A table as bytes, and made again."""

from dataclasses import is_dataclass, replace
from decimal import Decimal
from enum import Enum
from types import ModuleType

import msgspec
import pytest

from comparators import rules
from proxy.config.load import load, loads
from proxy.routing import packed as packing
from proxy.routing import route as route_module
from proxy.routing import sandbox
from proxy.routing import table as tables
from proxy.routing.packed import packed, unpacked
from proxy.routing.table import Entity
from tests.config.documents import document, route
from tests.routing.test_digest import OTHERS
from tests.support.files import ROOT

TEXTS = [
    *OTHERS,
    document(route("all", f"matches: [{{body: {{path: $.a, in: [{10**30}, -1, x]}}}}]")),
    document(route("all", "matches: [{during: {from: '22:00', days: [Mon], zone: Europe/Paris}}]")),
    document(route("all", "owner: ä\U0001f600, canary: {weight: 1e-7, hashOn: [client], include: [ü]}")),
    document(spec="  trustedProxies: ['10.0.0.0/8', 'fd00::/8']\n"),
    document(spec="  comparePolicies: [{name: p, headers: {include: [Set-Cookie, date], cookies: [A]}}]\n"),
    document(spec="  comparePolicies: [{name: p, status: {families: [[400, 422], [502, 503]]}}]\n"),
]


@pytest.mark.parametrize("text", TEXTS)
def test_what_was_packed_is_the_same_table_again(text: str) -> None:
    table = loads(text, environ={"PORT": "8001"})
    again = unpacked(packed(table))
    assert again == table
    assert again.hash == table.hash


@pytest.mark.parametrize("name", ["routes.yaml", "examples/routes.yaml"])
def test_it_finds_the_same_routes(name: str) -> None:
    table = load(ROOT / name, {})
    again = unpacked(packed(table))
    for path in (b"/", b"/v1/payments", b"/v1/payments/pay_1/capture", b"/api/payments/1"):
        for method in (b"GET", b"POST"):
            assert again.find(method, path, ()) == table.find(method, path, ())
    assert [each.plans for each in again.routes] == [each.plans for each in table.routes]


def test_entities_and_every_rule_travel() -> None:
    entity = Entity("payment", ("/v1/payments/{id}", "$.id"), pattern="pay_[a-z]+", aliases=("$.reference",))
    table = replace(loads(document()), entities=(entity,))
    assert unpacked(packed(table)).entities == (entity,)
    assert packing._made(packing._flat(rules.MoneyRule("$.a", exponent="e", legacy=rules.Units.MINOR)))
    assert packing._made(packing._flat(rules.DecimalRule("$.a", Decimal("0.10")))).tolerance == Decimal("0.10")


@pytest.mark.parametrize("module", [route_module, tables, rules, sandbox])
def test_all_that_a_table_is_made_of_is_known(module: ModuleType) -> None:
    """A kind of data that is added to routes, or to the rules, has to be known to packed.py too."""
    ours = {each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__}
    known = {*packing._DATA, *packing._ENUMS}
    assert {each.__name__ for each in ours if is_dataclass(each) or issubclass(each, Enum)} <= {*map(_name, known)}
    assert len({*map(_name, known)}) == len(known), "each by a name of its own"


def _name(kind: type) -> str:
    return kind.__name__


@pytest.mark.parametrize(
    "other",
    [
        b"",
        b"\xc1",
        *map(msgspec.msgpack.encode, (5, [], [5], ["Route"], ["no such kind"], [""], ["map", 1], ["os"])),
        *map(msgspec.msgpack.encode, (["Decimal", "x"], ["ZoneInfo", "No/Where"], ["Stage", "no such stage"])),
        packed(loads(document()))[:-1],
    ],
)
def test_anything_else_is_refused_and_not_shown(other: bytes) -> None:
    with pytest.raises(ValueError, match="^these bytes are no packed route table$"):
        unpacked(other)


def test_what_is_no_part_of_a_table_is_not_packed() -> None:
    with pytest.raises(TypeError, match="a bytearray is no part of a route table"):
        packing._flat((bytearray(b"a"),))
