"""The JSON Schema that editors use."""

import json
from collections.abc import Iterator
from typing import Any

from proxy.config.json_schema import json_schema


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _nodes(part)
    elif isinstance(value, list):
        for part in value:
            yield from _nodes(part)


def test_every_reference_leads_somewhere() -> None:
    schema = json_schema()
    references = {node["$ref"] for node in _nodes(schema) if isinstance(node.get("$ref"), str)}
    assert references <= {f"#/$defs/{name}" for name in schema["$defs"]}
    assert len(references) > 30


def test_every_field_is_described() -> None:
    bare = [
        (name, field)
        for name, part in json_schema()["$defs"].items()
        for field, rule in part.get("properties", {}).items()
        if "description" not in rule and "$ref" not in rule and field not in ("type", "path")
    ]
    assert bare == []


def test_names_are_those_of_the_file() -> None:
    defs = json_schema()["$defs"]
    assert {"backendRefs", "stage", "matches", "shadow"} <= defs["RouteSpec"]["properties"].keys()
    assert "in" in defs["BodyMatchSpec"]["properties"]
    assert "maxLatencyRatioP99" in defs["AnalysisSpec"]["properties"]
    assert defs["RouteSpec"]["additionalProperties"] is False


def test_a_variable_may_stand_where_a_string_may_not() -> None:
    defs = json_schema()["$defs"]
    variable = {"$ref": "#/$defs/Variable"}
    assert variable in defs["ListenerSpec"]["properties"]["port"]["anyOf"]
    assert variable in defs["Stage"]["anyOf"]
    assert variable in defs["TimeoutsSpec"]["properties"]["connect"]["anyOf"]
    assert defs["PatternSpec"]["properties"]["pattern"]["type"] == "string"


def test_it_is_json() -> None:
    assert json.loads(json.dumps(json_schema()))["$schema"].endswith("2020-12/schema")
