"""Words of our own."""

import pytest

from proxy.redaction.said import scrubbed, without_card_data


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("refund of 4111 1111 1111 1111 for ann@example.com", "refund of pan_removed for email_removed"),
        ("to DE89370400440532013000, cvc=123", "to iban_removed, cvc=cvc_removed"),
        ("postgresql://ann:pw@db/pay", "postgresql://secret_removed@db/pay"),
        ("4 " * 30_000, "[60000 characters, too many digits to be shown]"),
    ],
)
def test_each_value_becomes_a_constant(text: str, expected: str) -> None:
    assert scrubbed(text) == expected
    assert scrubbed(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        "route table 5f3a9c21e5b84d06 in force, it was 0123456789abcdef",
        "override: read-payment to canary 5 by alice",
        "/var/lib/strangler/strangler.db.key cannot be read: [Errno 13] Permission denied",
        "worker-0 ended with signal 9; it is started again in 1.5 s",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert scrubbed(text) is text


def test_people_may_name_themselves() -> None:
    assert without_card_data("alice@example.com refunds 4111111111111111") == "alice@example.com refunds pan_removed"
    assert without_card_data("4 " * 30_000).startswith("[60000 characters")
