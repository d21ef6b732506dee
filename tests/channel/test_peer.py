import os
import socket
import stat
from pathlib import Path

import pytest

from proxy.channel.peer import bind_private, check_length, peer_uid


def test_the_kernel_names_the_uid_at_the_other_end() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        assert peer_uid(ours) == os.getuid()


def test_socket_and_folder_are_for_us_alone(socket_path: Path) -> None:
    path = socket_path.parent / "made" / "s"
    with bind_private(path) as sock:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert sock.getblocking() is False


def test_a_dead_socket_is_replaced(socket_path: Path) -> None:
    bind_private(socket_path).close()
    assert socket_path.is_socket()
    with bind_private(socket_path), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(socket_path))


def test_a_living_socket_is_left_alone(socket_path: Path) -> None:
    with bind_private(socket_path):
        with pytest.raises(OSError, match="another process listens here"):
            bind_private(socket_path)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(socket_path))


def test_a_file_that_is_no_socket_is_left_alone(socket_path: Path) -> None:
    socket_path.write_text("precious")
    with pytest.raises(FileExistsError, match="not a socket"):
        bind_private(socket_path)
    assert socket_path.read_text() == "precious"


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o777])
def test_a_folder_that_others_can_enter_is_refused(socket_path: Path, mode: int) -> None:
    socket_path.parent.chmod(mode)
    with pytest.raises(PermissionError, match="chmod 700"):
        bind_private(socket_path)
    assert not socket_path.exists()


def test_a_folder_of_another_user_is_refused(socket_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: socket_path.parent.stat().st_uid + 1)
    with pytest.raises(PermissionError, match="another user"):
        bind_private(socket_path)


def test_a_path_too_long_for_a_socket_is_refused_with_advice() -> None:
    check_length(Path("/" + "x" * 106))
    with pytest.raises(OSError, match="choose a shorter folder"):
        check_length(Path("/" + "x" * 107))
