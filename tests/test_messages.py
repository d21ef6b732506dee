"""The words of the house: closed, frozen, and spelled as users and stores spell them."""

import pytest
from msgspec import Struct

from proxy import messages
from proxy.messages import SAFE_METHODS, FailureKind, Request, Stage, System

VALUES = [kind for kind in Struct.__subclasses__() if kind.__module__ == messages.__name__]


def test_the_words_that_are_stored_and_shown_do_not_change() -> None:
    assert [*System] == ["legacy", "candidate"]
    assert [*Stage] == ["legacy", "shadow", "canary", "reverse-shadow", "candidate"]
    assert {*FailureKind} == {
        *("refused", "connect-timeout", "pool-full", "reset", "timeout", "garbage", "too-large", "cancelled")
    }


@pytest.mark.parametrize("system", System)
def test_there_are_two_systems_each_the_others_other(system: System) -> None:
    assert system.other is not system
    assert system.other.other is system


def test_safe_methods_are_those_that_change_nothing() -> None:
    assert {b"GET", b"HEAD", b"OPTIONS"} == SAFE_METHODS
    assert b"get" not in SAFE_METHODS  # methods are case-sensitive (RFC 9110, section 9.1)


@pytest.mark.parametrize("kind", VALUES)
def test_values_are_frozen_and_take_no_further_field(kind: type[Struct]) -> None:
    value = kind(**dict.fromkeys(kind.__struct_fields__, b""))
    with pytest.raises(AttributeError):
        setattr(value, kind.__struct_fields__[0], b"other")
    assert not hasattr(value, "__dict__")


def test_values_of_equal_content_are_equal_and_can_be_keys() -> None:
    one, other = (Request(b"GET", b"/", ((b"A", b"1"), (b"a", b"2")), b"") for _ in range(2))
    assert {one} == {other}
    assert one != Request(b"GET", b"/", ((b"a", b"2"), (b"A", b"1")), b"")
