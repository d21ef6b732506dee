"""Tokens: keyed, equal for equal values, never digits, and they name their key."""

import pytest

from proxy.redaction.tokens import Removed, Sort, Tokens, is_token

KEY = b"0123456789abcdef0123456789abcdef"


def test_equal_values_become_equal_tokens_under_one_key_only() -> None:
    tokens = Tokens(KEY)
    assert tokens.card("4111111111111111") == Tokens(KEY).card("4111111111111111")
    assert tokens.card("4111111111111111") != tokens.card("5555555555554444")
    assert tokens.card("4111111111111111") != Tokens(KEY[::-1]).card("4111111111111111")
    assert tokens.card("x").removeprefix("pan_") != tokens.secret(b"x").removeprefix("secret_")


def test_a_token_has_no_digit_and_is_known_as_one() -> None:
    for number in range(200):
        token = Tokens(KEY).card(str(number))
        assert not any(sign.isdigit() for sign in token)
        assert is_token(token)
    assert not is_token("pan_4111111111111111")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        Tokens(b"short")


def test_a_token_names_its_key_and_tokens_of_other_keys_are_known() -> None:
    ours, theirs = Tokens(KEY), Tokens(KEY[::-1])
    assert ours.card("1").split("_")[1] == ours.key_id == Tokens(KEY).key_id != theirs.key_id
    assert all(is_token(tokens.of(sort, "x")) for tokens in (ours, theirs) for sort in Sort)
    assert is_token("pan_abcdefghjkmnpqrs"), "as they were before they named their key"


def test_words_of_our_own_get_a_constant() -> None:
    assert Removed().card("4111111111111111") == Removed().card("5555555555554444") == "pan_removed"
    assert is_token("pan_removed")
