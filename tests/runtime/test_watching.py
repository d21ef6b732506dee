"""A file that becomes another, in each of the ways in which files are replaced."""

import asyncio
import os
from pathlib import Path

import pytest

from proxy.runtime.watching import REHASH_EVERY, Watch


class Clock:
    """Seconds that pass when the test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "routes.yaml"
    path.write_text("one")
    return path


def swap(folder: Path, version: str, content: str) -> None:
    """As a kubelet does it: a new folder of the version, and the link `..data` replaced in one step."""
    (folder / version).mkdir(parents=True)
    (folder / version / "routes.yaml").write_text(content)
    (folder / "..data_tmp").symlink_to(version)
    (folder / "..data_tmp").rename(folder / "..data")


@pytest.fixture
def mounted(tmp_path: Path) -> Path:
    """The folder of a ConfigMap's mount: the file is a link into `..data`, which is a link to a version's folder."""
    folder = tmp_path / "etc"
    swap(folder, "..2026_01_01", "one")
    (folder / "routes.yaml").symlink_to("..data/routes.yaml")
    return folder


def test_a_file_that_stays_has_not_changed(file: Path, clock: Clock) -> None:
    watch = Watch(file, clock)
    assert [watch.changed() for _ in range(3)] == [False] * 3


def test_another_file_renamed_over_it(file: Path, clock: Clock) -> None:
    watch = Watch(file, clock)
    (file.parent / "next").write_text("two")
    os.replace(file.parent / "next", file)
    assert [watch.changed(), watch.changed()] == [True, False]


def test_a_write_in_place_is_taken_once_it_stands_still(file: Path, clock: Clock) -> None:
    watch = Watch(file, clock)
    with file.open("w") as opened:
        for half in ("tw", "o"):
            opened.write(half)
            opened.flush()
            assert not watch.changed()
    assert [watch.changed(), watch.changed()] == [True, False]


def test_a_write_in_place_without_an_end_is_taken_in_the_end(file: Path, clock: Clock) -> None:
    watch = Watch(file, clock)
    with file.open("a") as opened:
        for clock.now in (0.2, REHASH_EVERY):
            opened.write("more")
            opened.flush()
            assert watch.changed() is (clock.now == REHASH_EVERY)


def test_a_write_that_puts_size_and_time_back(file: Path, clock: Clock) -> None:
    """Whoever restores the time of the last change cannot restore that of the change of that."""
    watch, before = Watch(file, clock), file.stat()
    with file.open("r+") as opened:
        opened.write("two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_mtime_ns, file.stat().st_size) == (before.st_mtime_ns, before.st_size)
    assert [watch.changed(), watch.changed()] == [False, True]


def test_the_link_of_a_config_map_swapped_again_and_again(mounted: Path, clock: Clock) -> None:
    watch = Watch(mounted / "routes.yaml", clock)
    for version, content in (("..2026_01_02", "two"), ("..2026_01_03", "three")):
        swap(mounted, version, content)
        assert [watch.changed(), watch.changed()] == [True, False]


def test_a_config_map_updated_in_another_key_has_not_changed(mounted: Path, clock: Clock) -> None:
    watch = Watch(mounted / "routes.yaml", clock)
    swap(mounted, "..2026_01_02", "one")
    assert not watch.changed()


@pytest.mark.parametrize("content", ["one", "two"])
def test_one_that_goes_and_comes_back(file: Path, clock: Clock, content: str) -> None:
    watch = Watch(file, clock)
    file.unlink()
    assert [watch.changed(), watch.changed()] == [True, False]
    file.write_text(content)
    assert [watch.changed(), watch.changed()] == [True, False]


def test_one_that_was_not_there_at_first(tmp_path: Path, clock: Clock) -> None:
    watch = Watch(tmp_path / "routes.yaml", clock)
    assert not watch.changed()
    (tmp_path / "routes.yaml").write_text("one")
    assert watch.changed()


def test_the_same_content_written_again_is_no_change(file: Path, clock: Clock) -> None:
    watch = Watch(file, clock)
    file.write_text("one")
    file.touch()
    assert [watch.changed(), watch.changed()] == [False, False]
    (file.parent / "next").write_text("one")
    os.replace(file.parent / "next", file)
    assert not watch.changed()


def test_what_no_look_can_see_is_found_by_its_content_in_the_end(
    file: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some network file systems say the same of a file after a change; here every look does."""
    monkeypatch.setattr("proxy.runtime.watching._look", lambda _: "as ever")
    watch = Watch(file, clock)
    file.write_text("two")
    clock.now = REHASH_EVERY - 0.1
    assert not watch.changed()
    clock.now = REHASH_EVERY
    assert [watch.changed(), watch.changed()] == [True, False]


async def test_each_change_is_told_once_until_it_is_cancelled(file: Path, clock: Clock) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()

    async def tell() -> None:
        told.put_nowait(file.read_text())

    following = asyncio.create_task(Watch(file, clock).follow(tell, 0.005))
    async with asyncio.timeout(5):
        for content in ("two", "three"):
            (file.parent / "next").write_text(content)
            os.replace(file.parent / "next", file)
            assert await told.get() == content
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    assert told.empty()
