from pathlib import Path

import pytest

from proxy.runtime.sockets import EnvironmentFault
from proxy.runtime.tokens import MAX_BYTES, load_token

TOKEN = "0123456789abcdef"


def test_without_one_there_is_none() -> None:
    assert load_token(None, {}) == b""
    assert load_token(None, {"STRANGLER_TOKEN": " \n"}) == b""


def test_it_comes_from_the_environment_or_from_a_file_which_wins(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}-of-the-file\n")
    assert load_token(None, {"STRANGLER_TOKEN": f" {TOKEN}\n"}) == TOKEN.encode()
    assert load_token(str(file), {"STRANGLER_TOKEN": TOKEN}) == f"{TOKEN}-of-the-file".encode()


@pytest.mark.parametrize("token", [TOKEN[1:], "x"])
def test_one_that_can_be_guessed_is_refused_and_not_told(tmp_path: Path, token: str) -> None:
    (tmp_path / "a").write_text(token)
    for file, environ, where in ((None, {"STRANGLER_TOKEN": token}, "STRANGLER_TOKEN"), ("a", {}, "the token file")):
        with pytest.raises(EnvironmentFault, match=f"{where}.* fewer than 16 characters") as raised:
            load_token(None if file is None else str(tmp_path / file), environ)
        assert TOKEN[1:] not in str(raised.value)


@pytest.mark.parametrize("content", [b"", b"\n", b"  \n"])
def test_a_file_that_holds_none_is_a_fault(tmp_path: Path, content: bytes) -> None:
    """Whoever names a file wants a token; nobody should find out later that there was none."""
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(EnvironmentFault, match="fewer than 16 characters"):
        load_token(str(tmp_path / "token"), {})


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match=rf"the token file {tmp_path}/no cannot be read: No such file"):
        load_token(str(tmp_path / "no"), {"STRANGLER_TOKEN": TOKEN})


def test_no_more_of_a_file_is_read_than_its_bound(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"x" * MAX_BYTES * 2)
    assert len(load_token(str(tmp_path / "token"), {})) == MAX_BYTES
