"""One named value."""

from proxy.redaction.keys import Telling
from proxy.redaction.tokens import Tokens
from proxy.redaction.values import Values

TOKENS = Tokens(b"k" * 32)
VALUES = Values(TOKENS)


def test_a_named_card_is_a_card_token_with_and_without_separators() -> None:
    token = TOKENS.card("4111111111111112")
    assert VALUES.named("4111111111111112", Telling.CARD, False) == token
    assert VALUES.named("4111-1111-1111-1112", Telling.CARD, False) == token
    assert VALUES.named("4111111111111112", Telling.NOTHING, False) == "4111111111111112"


def test_what_a_rule_names_is_always_replaced() -> None:
    assert VALUES.named("Ann", Telling.NOTHING, True) == TOKENS.secret(b"Ann")
    assert VALUES.named("123", Telling.CVC, True) == "cvc_removed"
    assert VALUES.named("", Telling.SECRET, True) == ""


def test_a_name_that_may_mean_a_code_drops_codes_only() -> None:
    assert VALUES.named("739", Telling.CVC_IF_DIGITS, False) == "cvc_removed"
    assert VALUES.named("7391", Telling.CVC_IF_DIGITS, True) == "cvc_removed"
    for other in ("cus_739", "73", "73912", "E739"):
        assert VALUES.named(other, Telling.CVC_IF_DIGITS, False) == other
    assert VALUES.named("cus_739", Telling.CVC_IF_DIGITS, True) == TOKENS.secret(b"cus_739")


def test_twice_is_once() -> None:
    for kind in Telling:
        once = VALUES.named("hunter2hunter2", kind, True)
        assert VALUES.named(once, kind, True) == once


def test_a_lone_surrogate_is_no_reason_to_fail() -> None:
    assert VALUES.named("\ud800", Telling.SECRET, False).startswith("secret_")
