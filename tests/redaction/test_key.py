"""Where the redaction key comes from."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from proxy.redaction.key import KEY_VARIABLE, load_key, load_or_create_key


@pytest.fixture(autouse=True)
def no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


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


def test_a_key_that_is_not_there_is_only_made_when_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_key(tmp_path / "redaction.key")
    assert load_or_create_key(tmp_path / "redaction.key") == load_key(tmp_path / "redaction.key")
