"""The JSON Schema of routes.yaml, for editors and for linters of other people.

Law of this file: it accepts at least what load() accepts. Since `${VAR}` may stand for any scalar, each place that
does not take any string takes a variable too.
"""

from typing import Any, TypeAlias

from proxy.config.schema import RouteTableSpec

_Schema: TypeAlias = dict[str, Any]
_VARIABLE: _Schema = {"$ref": "#/$defs/Variable"}
_NAMED = ("properties", "$defs")
_ABOUT = ("title", "description", "default", "examples")
_CLOSED_TYPES = ("integer", "number", "boolean")


def json_schema() -> _Schema:
    """JSON Schema 2020-12 of the whole document."""
    schema = _opened(RouteTableSpec.model_json_schema(by_alias=True))
    schema["$defs"]["Variable"] = {
        "type": "string",
        "pattern": r"\$\{",
        "description": "An environment variable: ${NAME} or ${NAME:-default}.",
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:strangler:v1:routes"}
    return {**head, **schema, "title": "Strangler routes.yaml"}


def _opened(schema: _Schema) -> _Schema:
    if _is_closed(schema):
        about = {key: schema[key] for key in _ABOUT if key in schema}
        rule = {key: value for key, value in schema.items() if key not in about}
        return {**about, "anyOf": [rule, _VARIABLE]}
    opened = {key: _child(key, value) for key, value in schema.items()}
    if any(map(_is_closed, schema.get("anyOf", ()))):
        others = [part if _is_closed(part) else _opened(part) for part in schema["anyOf"]]
        opened["anyOf"] = [*others, _VARIABLE]
    return opened


def _child(key: str, value: Any) -> Any:
    if key in _NAMED:
        return {name: _opened(part) for name, part in value.items()}
    if key == "items":
        return _opened(value)
    return [_opened(part) for part in value] if key in ("anyOf", "oneOf") else value


def _is_closed(schema: _Schema) -> bool:
    return schema.get("type") in _CLOSED_TYPES or "enum" in schema or "pattern" in schema
