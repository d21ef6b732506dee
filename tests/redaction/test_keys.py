"""What names announce."""

import pytest

from proxy.redaction.keys import CARD_WORDS, TELLING_WORDS, Telling, plain, telling


@pytest.mark.parametrize(
    ("name", "parent", "expected"),
    [
        ("cvc", "", Telling.CVC),
        ("cardCvc", "", Telling.CVC),
        ("Security-Code", "", Telling.CVC),
        ("encryptedSecurityCode", "", Telling.CVC),
        ("cvc_check", "", Telling.NOTHING),
        ("pin", "", Telling.PIN),
        ("shipping", "", Telling.NOTHING),
        ("track2", "", Telling.TRACK),
        ("number", "card", Telling.CARD),
        ("number", "payment_card", Telling.CARD),
        ("number", "invoice", Telling.NOTHING),
        ("card_number", "", Telling.CARD),
        ("pan", "", Telling.CARD),
        ("company", "", Telling.NOTHING),
        ("client_secret", "", Telling.SECRET),
        ("accessToken", "", Telling.SECRET),
        ("token", "", Telling.NOTHING),
        ("amount", "card", Telling.NOTHING),
    ],
)
def test_telling(name: str, parent: str, expected: Telling) -> None:
    assert telling(name, parent) is expected


@pytest.mark.parametrize(
    "name", ["cvv2", "cvcCode", "card_verification_value", "trackData", "passphrase", "x-csrf-token"]
)
def test_every_name_of_a_secret_holds_a_word_of_the_prefilter(name: str) -> None:
    assert telling(name) is not Telling.NOTHING
    assert any(word in plain(name) for word in TELLING_WORDS)


def test_every_name_of_a_card_holds_a_word_of_its_prefilter() -> None:
    for name in ("creditCard", "cc_num", "primary_account_number", "dpan"):
        assert telling(name) is Telling.CARD
        assert any(word in plain(name) for word in CARD_WORDS)


def test_marks_are_constants() -> None:
    assert Telling.CVC.mark == "cvc_removed"
