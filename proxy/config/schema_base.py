"""What every part of the document has in common.

Law of the schema_*.py files: they say what users may write, with the words that editors show; they decide nothing.
camelCase in the file, snake_case in Python; a field that is not here does not exist.
"""

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Strict
from pydantic.alias_generators import to_camel

T = TypeVar("T")


class Part(BaseModel):
    """A part of routes.yaml: strict types, no unknown fields, never changed after reading."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        strict=True,
        use_attribute_docstrings=True,
        validate_default=False,
    )


Word = Annotated[T, Strict(False)]
"""A closed set of words: the one thing that is read from a string into another type."""
