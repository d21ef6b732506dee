"""What names announce."""

import pytest

from proxy.redaction.keys import Telling, plain, telling
from proxy.redaction.prefilter import has_telling_word
from proxy.redaction.words import CARD_WORDS


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
        ("cv2", "", Telling.CVC),
        ("card.security.code", "", Telling.CVC),
        ("code", "security", Telling.CVC_IF_DIGITS),
        ("code", "error", Telling.NOTHING),
        ("cid", "", Telling.CVC_IF_DIGITS),
        ("card_cid", "", Telling.CVC_IF_DIGITS),
        ("recv2", "", Telling.NOTHING),
        ("token", "", Telling.SECRET),
        ("payment_token", "", Telling.SECRET),
        ("next_page_token", "", Telling.NOTHING),
        ("token_type", "", Telling.NOTHING),
        ("max_tokens", "", Telling.NOTHING),
        ("cookie", "", Telling.SECRET),
        ("Set-Cookie", "", Telling.SECRET),
        ("sid", "cookies", Telling.SECRET),
        ("sessionId", "", Telling.SECRET),
        ("PHPSESSID", "", Telling.SECRET),
        ("session_key", "", Telling.SECRET),
        ("session", "", Telling.NOTHING),
        ("amount", "card", Telling.NOTHING),
        ("X-pan_bcmb_aqmhrcgpeshrqssn", "", Telling.NOTHING),
        ("holderName", "", Telling.PERSON),
        ("name", "billing_details", Telling.PERSON),
        ("name", "product", Telling.NOTHING),
        ("Фамилия", "", Telling.PERSON),
        ("prénom", "", Telling.PERSON),
        ("カード番号", "", Telling.CARD),
        ("last4", "", Telling.PART),
        ("additionalData.cardBin", "", Telling.PART),
        ("bin", "card", Telling.PART),
        ("cabin", "", Telling.NOTHING),
        ("dob", "", Telling.WHOLE_PERSON),
        ("account.number", "", Telling.ACCOUNT),
        ("card.number", "", Telling.CARD),
        ("account_number", "", Telling.ACCOUNT),
        ("shopperEmail", "", Telling.EMAIL),
        ("telephoneNumber", "", Telling.PHONE),
        ("iban", "", Telling.IBAN),
        ("x" * 500 + "cvc", "", Telling.CVC),
    ],
)
def test_telling(name: str, parent: str, expected: Telling) -> None:
    assert telling(name, parent) is expected


@pytest.mark.parametrize(
    "name",
    [
        *("cvv2", "cvcCode", "card_verification_value", "trackData", "passphrase", "x-csrf-token", "cv2", "cid", "pin"),
        *("card_cid", "token", "cookie", "Set-Cookie", "sessionId", "PHPSESSID", "session_key"),
    ],
)
def test_every_name_of_a_secret_holds_a_word_of_the_prefilter(name: str) -> None:
    assert telling(name) is not Telling.NOTHING
    for spelled in (f'{{"{name}":', f"{name}=", f"card[{name}]=", f"<{name}>"):
        assert has_telling_word(spelled.encode())


def test_every_name_of_a_card_holds_a_word_of_its_prefilter() -> None:
    for name in ("creditCard", "cc_num", "primary_account_number", "dpan"):
        assert telling(name) is Telling.CARD
        assert any(word in plain(name) for word in CARD_WORDS)


def test_marks_are_constants() -> None:
    assert Telling.CVC.mark == "cvc_removed"
