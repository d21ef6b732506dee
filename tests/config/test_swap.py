"""A file is replaced whole, or not at all."""

import os
import stat
from pathlib import Path

import pytest

from proxy.config.swap import Changed, hold, replace
from proxy.config.yaml_reader import MAX_BYTES


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "routes.yaml"
    path.write_bytes("ol\u00e9\r\n".encode())
    return path


def test_content_mode_and_nothing_left_behind(file: Path) -> None:
    file.chmod(0o640)
    held = hold(str(file))
    assert held.text == "ol\u00e9\r\n"
    replace(held, "new \u00e9\r\n")
    assert file.read_bytes() == "new \u00e9\r\n".encode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert os.listdir(file.parent) == ["routes.yaml"]


def test_who_has_it_open_goes_on_with_the_old_one(file: Path) -> None:
    with file.open("rb") as reader:
        replace(hold(str(file)), "new")
        assert reader.read() == "ol\u00e9\r\n".encode()


def test_a_link_stays_a_link(file: Path) -> None:
    link = file.parent / "link.yaml"
    link.symlink_to(file.name)
    replace(hold(str(link)), "new")
    assert link.is_symlink()
    assert file.read_text() == "new"


def test_a_file_that_changed_meanwhile_is_left_alone(file: Path) -> None:
    held = hold(str(file))
    file.write_text("theirs")
    with pytest.raises(Changed, match="changed by somebody else"):
        replace(held, "new")
    assert file.read_text() == "theirs"
    assert os.listdir(file.parent) == ["routes.yaml"]


def test_a_link_that_was_turned_meanwhile_is_left_alone(file: Path) -> None:
    link, other = file.parent / "link.yaml", file.parent / "other.yaml"
    other.write_bytes(file.read_bytes())
    link.symlink_to(file.name)
    held = hold(str(link))
    link.unlink()
    link.symlink_to(other.name)
    with pytest.raises(Changed):
        replace(held, "new")
    assert file.read_bytes() == other.read_bytes() == held.content


def test_what_cannot_be_read(file: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        hold(str(tmp_path / "none.yaml"))
    with pytest.raises(ValueError, match="not a regular file"):
        hold(str(tmp_path))
    file.write_bytes(b"x" * (MAX_BYTES + 1))
    with pytest.raises(ValueError, match="larger than"):
        hold(str(file))


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "routes.yaml").write_text("old")
    held = hold(str(folder / "routes.yaml"))
    (folder / "routes.yaml").unlink()
    folder.rmdir()
    with pytest.raises(OSError, match="No such file"):
        replace(held, "new")
