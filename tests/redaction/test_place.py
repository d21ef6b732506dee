"""What a place in a document inherits."""

from proxy.redaction.keys import Telling
from proxy.redaction.paths import PathSet
from proxy.redaction.place import Places


def test_what_must_be_dropped_is_dropped_all_the_way_down() -> None:
    assert Places(PathSet(())).at(["cvc", "parts", 0, "value"]).telling is Telling.CVC


def test_a_secret_name_speaks_for_its_own_value_and_elements_only() -> None:
    places = Places(PathSet(()))
    assert places.at(["authorization", 0]).telling is Telling.SECRET
    assert places.at(["authorization", "amount"]).telling is Telling.NOTHING


def test_a_rule_holds_for_everything_below() -> None:
    assert Places(PathSet(("$.holder",))).at(["holder", "name", "first"]).by_rule


def test_a_number_in_an_object_of_a_list_of_cards() -> None:
    assert Places(PathSet(())).at(["cards", 3, "number"]).telling is Telling.CARD


def test_a_member_that_is_the_value_itself_tells_what_its_object_does() -> None:
    places = Places(PathSet(()))
    assert places.at(["email", "value"]).telling is Telling.EMAIL
    assert places.at(["Holder", "#text"]).telling is Telling.PERSON
    assert places.at(["email", "valid"]).telling is Telling.NOTHING
    assert places.at(["dob", "day"]).telling is Telling.WHOLE_PERSON


def test_a_way_that_was_forgotten_leads_to_the_same() -> None:
    places = Places(PathSet(("$.a[*].b",)))
    assert all(places.at(["a", index, "b"]).by_rule for index in range(5))
    assert not any(places.at([f"x{number}", "b"]).by_rule for number in range(5000))
    assert places.at(["a", 0, "b"]).by_rule
