import logging

import pytest

from proxy.shadow.defects import Defects


def fails(text: str) -> Exception:
    try:
        raise KeyError(text)
    except KeyError as error:
        return error


def test_a_defect_is_said_once_by_type_and_place_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    defects = Defects()
    with caplog.at_level(logging.ERROR):
        for n in range(3):
            defects.say(fails("4111111111111111"), f"x-{n}")
    [record] = caplog.records
    assert record.getMessage().startswith("exchange x-0 could not be judged: KeyError at test_defects.py:")
    assert "4111" not in caplog.text


def test_another_kind_or_place_is_another_defect(caplog: pytest.LogCaptureFixture) -> None:
    defects = Defects()
    defects.say(fails("a"), "x-1")
    defects.say(ValueError("b"), "x-2")
    assert len(caplog.records) == 2
    assert "an unknown place" in caplog.text
