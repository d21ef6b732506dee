"""Places from their words, and what an id is."""

import pytest

from comparators.paths import PathError, Segment
from proxy.routing.entities import MAX_ID, Entity, Place, PlaceKind, Template, parse_place
from proxy.routing.expression import MatchError


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (
            "/v1/payments/{id}",
            Place(PlaceKind.PATH, "/v1/payments/{id}", Template((b"v1", b"payments", None), 2)),
        ),
        ("/{tenant}/p/{id}", Place(PlaceKind.PATH, "/{tenant}/p/{id}", Template((None, b"p", None), 2))),
        ("$.id", Place(PlaceKind.BODY, "$.id", steps=(Segment("id", deep=False),), text="$.id")),
        ("header:X_Payment", Place(PlaceKind.HEADER, "header:X_Payment", name=b"x-payment")),
        ("query:payment", Place(PlaceKind.QUERY, "query:payment", name=b"payment")),
        ("form:items[0]", Place(PlaceKind.FORM, "form:items[0]", name=b"items[0]")),
        (
            "/v1/payments/{p} $.id",
            Place(
                PlaceKind.BODY,
                "/v1/payments/{p} $.id",
                Template((b"v1", b"payments", None)),
                (Segment("id", deep=False),),
                "$.id",
            ),
        ),
    ],
)
def test_a_place_is_read(words: str, place: Place) -> None:
    assert parse_place(words) == place


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("/v1/payments", "says with {id}"),
        ("/v1/{id}/x/{id}", "one {id}"),
        ("/v1//{id}", "whole segments"),
        ("/v1/{id}/", "whole segments"),
        ("/v1/p{id}", "whole segments"),
        ("/v1/{id} $.id", "no meaning there"),
        ("payment", "a place is a path"),
        ("cookie:x", "a place is a path"),
        ("query:", "a place is a path"),
        ("header:a b", "no header's name"),
        ("$x", "can't read"),
    ],
)
def test_what_is_no_place_says_why(words: str, part: str) -> None:
    with pytest.raises((MatchError, PathError), match=part.replace("{", r"\{").replace("$", r"\$")):
        parse_place(words)


def test_a_template_leads_to_its_path_and_all_below() -> None:
    template = Template((b"v1", None), 1)
    assert template.leads([b"v1", b"a"])
    assert template.leads([b"v1", b"a", b"capture"])
    assert not template.leads([b"v1"])
    assert not template.leads([b"v2", b"a"])
    assert template.is_path([b"v1", b"a"])
    assert not template.is_path([b"v1", b"a", b"capture"])


def test_an_id_is_a_whole_value_of_its_pattern() -> None:
    entity = Entity("payment", ("$.id",), "pay_[A-Za-z0-9]{8,}")
    assert entity.is_id("pay_12345678")
    assert not entity.is_id("pay_1234567")
    assert not entity.is_id(" pay_12345678")
    assert not entity.is_id("pay_12345678\n")


def test_without_a_pattern_every_short_text_is_an_id() -> None:
    entity = Entity("payment", ("$.id",))
    assert entity.is_id("x" * MAX_ID)
    assert not entity.is_id("x" * (MAX_ID + 1))
    assert not entity.is_id("")
    assert not entity.is_id("\ud800")


def test_a_pattern_is_re2() -> None:
    with pytest.raises(MatchError, match="not a RE2 expression"):
        Entity("payment", ("$.id",), r"(a)\1")


def test_aliases_are_places_of_their_own() -> None:
    entity = Entity("payment", ("$.id",), aliases=("$.psp_reference",))
    assert [place.words for place in entity.alias_places] == ["$.psp_reference"]
