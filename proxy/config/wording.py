"""What pydantic says -> what a person can act on.

Law of this file: a message quotes a value only in double quotes and whole, so that load.py can put a variable's name
in its place.
"""

from collections.abc import Container, Iterable, Iterator
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from proxy.config.problems import Problem
from proxy.config.schema import RouteTableSpec
from proxy.config.yaml_reader import Path

_KINDS = {
    "string_type": "a string",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
}

_LENGTHS = {
    "too_short": ("at least", "min_length"),
    "too_long": ("at most", "max_length"),
    "string_too_short": ("at least", "min_length"),
    "string_too_long": ("at most", "max_length"),
}


def problems(error: ValidationError, known: Container[Path]) -> Iterator[Problem]:
    """Each error as a problem. `known`: the paths that the document has, to tell them from pydantic's union tags."""
    for details in error.errors(include_url=False):
        yield _problem(details, known)


def _problem(details: ErrorDetails, known: Container[Path]) -> Problem:
    path: Path = ()
    for step in details["loc"]:
        if (*path, step) in known:
            path = (*path, step)
    kind = details["type"]
    if kind == "missing":
        return Problem((*path, details["loc"][-1]), "required")
    if kind == "extra_forbidden":
        return Problem(path, _unknown(path, details["loc"]), at_key=True)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _tag(path, details)
    return Problem(path, _message(details))


def _tag(path: Path, details: ErrorDetails) -> Problem:
    context = details.get("ctx", {})
    name = str(context.get("discriminator", "type")).strip("'")
    if details["type"] == "union_tag_not_found":
        return Problem((*path, name), "required")
    words = str(context.get("expected_tags", "")).replace("'", "").split(", ")
    return Problem((*path, name), _one_of(words, str(context.get("tag"))))


def _message(details: ErrorDetails) -> str:
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    if kind in _KINDS:
        hint = f'; quote it: "{value}"' if kind == "string_type" and isinstance(value, int | float) else ""
        return f"must be {_KINDS[kind]}, not {_described(value)}{hint}"
    if kind in ("enum", "literal_error"):
        words = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return _one_of(words, value)
    if kind == "value_error":
        return str(context["error"])
    if kind in _LENGTHS:
        things = "character" if isinstance(value, str) else "item"
        least_or_most, bound = _LENGTHS[kind]
        number = context[bound]
        return f"must have {least_or_most} {number} {things}{'' if number == 1 else 's'}, not {len(value)}"
    if kind == "string_pattern_mismatch":
        return f"{_described(value)} has a form that is not allowed here; it must match {context['pattern']}"
    return details["msg"][:1].lower() + details["msg"][1:]


def _one_of(words: list[str], value: object) -> str:
    listed = ", ".join(words[:-1]) + " or " + words[-1] if len(words) > 1 else words[0]
    return f"must be {listed}, not {_described(value)}{did_you_mean(value, words)}"


def _described(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "empty"
    return f'"{value}"' if isinstance(value, str) else f"{value}".lower()


def did_you_mean(word: object, words: Iterable[str]) -> str:
    """`; did you mean "stage"?`, or nothing."""
    near = get_close_matches(word, words, n=1, cutoff=0.6) if isinstance(word, str) else []
    return f'; did you mean "{near[0]}"?' if near else ""


def _unknown(path: Path, loc: tuple[int | str, ...]) -> str:
    fields = sorted({name for model in _models_at(loc[:-1]) for name in _fields(model)})
    return f"unknown field{did_you_mean(path[-1], fields) or '; there may be ' + ', '.join(fields)}"


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _models_at(loc: tuple[int | str, ...]) -> list[type[BaseModel]]:
    models: list[type[BaseModel]] = [RouteTableSpec]
    for step in loc:
        inside = [_fields(model)[str(step)] for model in models if str(step) in _fields(model)]
        if inside:
            models = [model for annotation in inside for model in _models_in(annotation)]
        else:
            models = [model for model in models if step in _tags(model)] or models
    return models


def _tags(model: type[BaseModel]) -> tuple[Any, ...]:
    """What the field `type` may be: pydantic's name for a member of a union."""
    annotation = _fields(model).get("type")
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (list, Union, UnionType, Annotated):
        return [model for part in get_args(annotation) for model in _models_in(part)]
    return []
