"""Nothing that would have no effect is accepted in silence."""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from proxy.config.load import loads
from proxy.config.schema import RouteTableSpec
from proxy.config.supported import FIELDS, unsupported
from tests.config.documents import document, messages, route
from tests.support.files import ROOT

LATER = "not supported yet"


def _fields(model: type[BaseModel], at: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        path = f"{at}.{field.alias or name}".removeprefix(".")
        yield path
        for inner, suffix in _models(field.annotation, ""):
            yield from _fields(inner, path + suffix)


def _models(annotation: Any, suffix: str) -> Iterator[tuple[type[BaseModel], str]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, suffix
    elif get_origin(annotation) in (list, Union, UnionType, Annotated):
        more = "[]" if get_origin(annotation) is list else ""
        for part in get_args(annotation):
            yield from _models(part, suffix + more)


KNOWN = set(_fields(RouteTableSpec, ""))


def test_every_field_that_has_an_effect_is_one_of_the_schema() -> None:
    assert "spec.routes[].stage" in FIELDS
    assert FIELDS <= KNOWN


def test_every_field_without_an_effect_is_refused() -> None:
    refused = KNOWN - FIELDS
    assert {"spec.backends[].versionHeader", "spec.routes[].approval"} <= refused
    for path in refused:
        assert next(unsupported(_holding(path))).message.startswith(LATER), path


def _holding(path: str) -> Any:
    value: Any = {}
    for step in reversed(path.split(".")):
        name = step.removesuffix("[]")
        value = {name: [value] if step.endswith("[]") else value}
    return value


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ("analysis: {}", "analysis"),
        ("approval: {people: 1, to: [candidate]}", "approval"),
        ("analysis: ~", "analysis"),
    ],
)
def test_routes(fields: str, path: str) -> None:
    ((where, said),) = messages(document(route("a", fields))).items()
    assert where == f"spec.routes[0].{path}"
    assert said.startswith(LATER)


def test_the_whole_contract_is_modelled_and_refused_for_nothing_else() -> None:
    text = (ROOT / "tests/config/whole.routes.yaml").read_text()
    found = messages(text)
    assert found
    vouched = [said for said in found.values() if "vouches for it" in said]
    assert {said[: len(LATER)] for said in found.values() if said not in vouched} == {LATER}


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ("  listeners: [{port: 1}, {port: 2}]\n", "spec.listeners"),
        ("  defaults: {analysis: {}}\n", "spec.defaults.analysis"),
    ],
)
def test_the_rest(spec: str, path: str) -> None:
    ((where, said),) = messages(document(spec=spec)).items()
    assert where == path
    assert said.startswith(LATER)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ("url: 'http://a', versionHeader: X-Version", "versionHeader"),
    ],
)
def test_backends(fields: str, path: str) -> None:
    text = document(backends=f"\n    - {{name: old, {fields}}}\n    - {{name: new, url: 'http://b'}}")
    assert messages(text)[f"spec.backends[0].{path}"].startswith(LATER)


def test_a_rate_has_its_effect() -> None:
    table = loads(document(route("a", "shadow: {maxRate: 5}")), environ={})
    assert table.routes[0].shadowing.max_rate == 5
