"""The words in which a change is asked for."""

from collections.abc import Mapping

import msgspec
import pytest

from proxy.control.asks import LONGEST, Changed, ClearAsked, OverrideAsked
from proxy.messages import Stage

RIGHT = {"stage": "canary", "seconds": 60, "reason": "why not", "by": "jo", "weight": 5, "subject": "checkout"}


def read(said: Mapping[str, object]) -> OverrideAsked:
    return msgspec.json.decode(msgspec.json.encode(said), type=OverrideAsked)


def test_what_is_asked_there_and_back() -> None:
    asked = OverrideAsked(Stage.CANARY, 60.0, "why not", "jo", 5.0, None, "checkout")
    assert read(RIGHT) == asked
    assert msgspec.json.decode(msgspec.json.encode(asked), type=OverrideAsked) == asked
    assert read({key: RIGHT[key] for key in ("stage", "seconds", "reason", "by")}).subject is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"stage": "nonsense"},
        {"seconds": 0},
        {"seconds": -1},
        {"seconds": LONGEST + 1},
        {"reason": ""},
        {"reason": "x" * 1001},
        {"by": ""},
        {"by": "x" * 256},
        {"weight": 0},
        {"weight": 100.5},
        {"subject": ""},
        {"ticket": ""},
        {"other": 1},
    ],
)
def test_what_is_out_of_bounds_is_not_read(wrong: Mapping[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        read({**RIGHT, **wrong})


@pytest.mark.parametrize("missing", ["stage", "seconds", "reason", "by"])
def test_what_is_compulsory_has_to_be_there(missing: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=missing):
        read({key: value for key, value in RIGHT.items() if key != missing})


@pytest.mark.parametrize("body", [b"{}", b'{"by": ""}', b'{"by": "jo", "other": 1}', b"[]"])
def test_an_end_says_by_whom(body: bytes) -> None:
    assert msgspec.json.decode(b'{"by": "jo"}', type=ClearAsked) == ClearAsked("jo")
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=ClearAsked)


def test_the_answer_as_json() -> None:
    assert (
        msgspec.json.encode(Changed("ab", True, ("worker-0",))) == b'{"hash":"ab","changed":true,"late":["worker-0"]}'
    )
