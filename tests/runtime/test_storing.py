from pathlib import Path

import pytest

from proxy.redaction import KEY_VARIABLE
from proxy.runtime.sockets import EnvironmentFault
from proxy.runtime.storing import (
    KeyRefused,
    beside,
    claims_file,
    key_beside,
    key_warning,
    prepared,
    require_key,
    socket_path,
)


@pytest.mark.parametrize(
    ("store", "key"),
    [
        ("sqlite:///strangler.db", "strangler.db.key"),
        ("sqlite:////var/lib/strangler.db", "/var/lib/strangler.db.key"),
        ("sqlite:////var/my%20lib/a.db", "/var/my lib/a.db.key"),
    ],
)
def test_the_key_lies_beside_the_store(store: str, key: str) -> None:
    assert key_beside(store) == Path(key)
    assert beside(store) == Path(key.removesuffix(".key"))


def test_two_stores_have_two_sockets_and_one_has_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'strangler.db'}"
    assert socket_path(url) != socket_path(f"{url}x")
    monkeypatch.chdir(tmp_path)
    assert socket_path("sqlite:///strangler.db") == socket_path(url)
    assert claims_file(url) == tmp_path / "strangler.db.claims"


async def test_the_store_and_the_key_are_made_and_kept(tmp_path: Path) -> None:
    store, key = f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "a.db.key"
    await prepared(store, key)
    made = key.read_bytes()
    assert (tmp_path / "a.db").stat().st_size > 0
    assert key.stat().st_mode & 0o777 == 0o600
    await prepared(store, key)
    assert key.read_bytes() == made


async def test_a_store_that_cannot_be_made_is_the_environments_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentFault, match="file"):
        await prepared(f"sqlite:///{tmp_path / 'file' / 'a.db'}", tmp_path / "key")


async def test_a_store_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="oracle:// is not supported"):
        await prepared("oracle://db/payments", tmp_path / "key")


@pytest.mark.parametrize("broken", ["short", "folder", "nowhere"])
async def test_a_key_that_cannot_be_had_is_told_with_its_path(tmp_path: Path, broken: str) -> None:
    key = tmp_path / "key"
    if broken == "short":
        key.write_text("abc")
    elif broken == "folder":
        key.mkdir()
    else:
        (tmp_path / "file").touch()
        key = tmp_path / "file" / "key"
    with pytest.raises(EnvironmentFault, match=rf"the redaction key .*{key}"):
        await prepared(f"sqlite:///{tmp_path / 'a.db'}", key)


def test_there_is_nothing_beside_what_is_no_store() -> None:
    for ask in (key_beside, beside):
        with pytest.raises(EnvironmentFault, match="is no store URL"):
            ask("nonsense")


async def test_a_key_from_the_environment_is_not_blamed_on_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRANGLER_REDACTION_KEY", "short")
    with pytest.raises(EnvironmentFault) as raised:
        await prepared(f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "a.db.key")
    assert str(raised.value).startswith(
        "the redaction key cannot be used: the environment variable STRANGLER_REDACTION_KEY holds 5 bytes"
    )
    assert "a.db.key" not in str(raised.value)


@pytest.mark.parametrize("scheme", ["postgresql", "mysql", "mariadb", "postgresql+asyncpg"])
def test_a_store_on_a_server_asks_for_a_key_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    store = f"{scheme}://db/payments"
    with pytest.raises(KeyRefused, match="there is none: set STRANGLER_REDACTION_KEY"):
        require_key(store, None)
    with pytest.raises(KeyRefused, match=r"own\.key is not there"):
        require_key(store, tmp_path / "own.key")
    (tmp_path / "own.key").write_text("x" * 32)
    require_key(store, tmp_path / "own.key")
    monkeypatch.setenv(KEY_VARIABLE, "a key from the vault")
    require_key(store, None)


def test_a_key_that_we_made_beside_a_file_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    require_key("sqlite:///a.db", None)
    (warning,) = key_warning("sqlite:///a.db", None)
    assert warning.startswith("the redaction key a.db.key was made here and lies beside the store")
    assert key_warning("sqlite:///a.db", tmp_path / "own.key") == ()
    monkeypatch.setenv(KEY_VARIABLE, "a key from the vault")
    assert key_warning("sqlite:///a.db", None) == ()
