"""What every part of the document has in common."""

import pytest
from pydantic import ValidationError

from proxy.config.schema_base import Part, Word
from proxy.messages import Stage


class Example(Part):
    max_size: int
    """How large."""
    stage: Word[Stage] = Stage.LEGACY


def test_the_file_has_camel_case_and_closed_words() -> None:
    part = Example.model_validate({"maxSize": 1, "stage": "shadow"})
    assert (part.max_size, part.stage) == (1, Stage.SHADOW)


@pytest.mark.parametrize("value", [{"max_size": 1}, {"maxSize": "1"}, {"maxSize": True}, {"maxSize": 1, "x": 2}, {}])
def test_nothing_is_guessed(value: object) -> None:
    with pytest.raises(ValidationError):
        Example.model_validate(value)


def test_a_part_is_never_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Example.model_validate({"maxSize": 1}).max_size = 2


def test_editors_see_the_text_beside_a_field() -> None:
    assert Example.model_json_schema()["properties"]["maxSize"]["description"] == "How large."
