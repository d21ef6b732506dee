"""Tokens: keyed, equal for equal values, never digits; and where the key comes from."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from proxy.redaction.tokens import KEY_VARIABLE, Tokens, is_token, load_or_create_key

KEY = b"0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


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


def test_the_key_file_is_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "redaction.key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(load_or_create_key, [file] * 8))
    assert keys == {load_or_create_key(file)}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["redaction.key"]


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "a key from the vault")
    assert load_or_create_key(tmp_path / "none") == b"a key from the vault"
    assert not (tmp_path / "none").exists()
    monkeypatch.setenv(KEY_VARIABLE, "short")
    with pytest.raises(ValueError, match=KEY_VARIABLE):
        load_or_create_key(tmp_path / "none")


def test_a_short_key_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "redaction.key").write_bytes(b"short\n")
    with pytest.raises(ValueError, match=r"redaction\.key"):
        load_or_create_key(tmp_path / "redaction.key")
