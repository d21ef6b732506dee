import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy.runtime.place import Place, remove_left
from proxy.runtime.sockets import EnvironmentFault


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="p-") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def left(parent: Path, name: str = "strangler-abcd1234") -> Path:
    """What a killed one leaves: a lock that nobody holds, a socket that nobody listens on."""
    folder = parent / name
    folder.mkdir(mode=0o700)
    (folder / "lock").touch()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(folder / "channel.sock"))
    return folder


def test_a_folder_is_ours_alone_and_goes_with_us(parent: Path) -> None:
    place = Place()
    folder = place.channel.parent
    assert (folder.parent, folder.stat().st_mode & 0o777) == (parent, 0o700)
    place.leave()
    assert list(parent.iterdir()) == []


def test_what_a_killed_one_left_is_removed_at_the_next_start(parent: Path) -> None:
    folder = left(parent)
    place = Place()
    assert not folder.exists()
    place.leave()


def test_the_folder_of_one_that_lives_stays(parent: Path) -> None:
    first, second = Place(), Place()
    remove_left(parent)
    assert first.channel.parent.exists()
    assert second.channel.parent.exists()
    first.leave()
    second.leave()


def test_the_folder_of_a_runner_that_outlives_its_supervisor_stays(parent: Path) -> None:
    folder = left(parent)
    (folder / "channel.sock").unlink()
    with socket.socket(socket.AF_UNIX) as alive:
        alive.bind(str(folder / "channel.sock"))
        alive.listen()
        remove_left(parent)
        assert folder.exists()
    remove_left(parent)
    assert not folder.exists()


def test_what_may_be_something_else_stays(parent: Path) -> None:
    other, foreign = left(parent, "strangler-notes"), left(parent, "strangler-abcd5678")
    file = parent / "strangler-12345678"
    (foreign / "notes.txt").touch()
    file.touch()
    bare = parent / "strangler-empty123"
    bare.mkdir()
    remove_left(parent)
    assert all(each.exists() for each in (other, foreign, foreign / "channel.sock", file, bare))


def test_a_lock_that_is_held_is_believed(parent: Path) -> None:
    folder = left(parent)
    lock = os.open(folder / "lock", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    remove_left(parent)
    assert folder.exists()
    os.close(lock)


def test_a_path_that_no_socket_can_have_is_told_and_leaves_nothing(
    parent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = parent / ("a" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with pytest.raises(EnvironmentFault, match="longer than 107 bytes; choose a shorter folder, with TMPDIR"):
        Place()
    assert list(long.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(parent / "missing"))
    with pytest.raises(EnvironmentFault, match="no folder can be made in .*missing: No such file or directory"):
        Place()
