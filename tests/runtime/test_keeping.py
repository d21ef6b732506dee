"""What is kept beside the store, and what becomes of it on a bad day."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from proxy.messages import Stage
from proxy.routing.override import Override
from proxy.runtime import keeping
from proxy.runtime.keeping import Kept

OVERRIDES = (
    Override("checkout", Stage.CANARY, 12.5, 1.0, 2.5, "jo@example", "ä\n", "PAY-1"),
    Override(None, Stage.LEGACY, None, 3.0, 4.0, "kim", "kill"),
)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "strangler.db")


def keep_both(kept: Kept, text: str = "spec: ä\n") -> None:
    kept.keep_text(text)
    kept.keep_overrides(OVERRIDES)


def test_what_is_kept_comes_back(kept: Kept) -> None:
    assert (kept.text(), kept.overrides()) == (None, ())
    keep_both(kept)
    assert (kept.text(), kept.overrides()) == ("spec: ä\n", OVERRIDES)
    kept.keep_text("")
    kept.keep_overrides(())
    assert (kept.text(), kept.overrides()) == ("", ())


def test_the_files_lie_beside_the_store_are_private_and_leave_nothing_else(kept: Kept, tmp_path: Path) -> None:
    keep_both(kept)
    keep_both(kept, "spec: other\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "strangler.db.last-routes.yaml",
        "strangler.db.overrides.json",
    ]
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_what_is_kept_already_is_not_written_again(kept: Kept) -> None:
    keep_both(kept)
    before = [path.stat().st_ino for path in (kept.table_file, kept.overrides_file)]
    keep_both(kept)
    assert [path.stat().st_ino for path in (kept.table_file, kept.overrides_file)] == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[",
        b"{}",
        b"\xff\xfe",
        b"[1]",
        b'[{"subject": null}]',
        b'[{"subject":null,"stage":"nonsense","weight":null,"begins":1,"ends":2,"by":"a","reason":"b"}]',
    ],
)
def test_overrides_that_cannot_be_read_are_none_and_that_is_said(
    kept: Kept, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    kept.overrides_file.write_bytes(content)
    assert kept.overrides() == ()
    assert f"{kept.overrides_file} cannot be used, overrides are lost" in caplog.text


def test_a_half_of_what_was_written_is_as_nothing(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    keep_both(kept)
    whole = kept.overrides_file.read_bytes()
    for size in (1, len(whole) // 2, len(whole) - 1):
        kept.overrides_file.write_bytes(whole[:size])
        assert kept.overrides() == ()
    assert caplog.text.count("overrides are lost") == 3


def test_a_table_that_is_no_text_is_as_nothing_and_that_is_said(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    kept.table_file.write_bytes(b"spec: \xff")
    assert kept.text() is None
    assert f"{kept.table_file} is not UTF-8; it is not used" in caplog.text


def test_what_cannot_be_opened_is_as_nothing_and_that_is_said(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    kept.table_file.mkdir()
    kept.overrides_file.mkdir()
    assert (kept.text(), kept.overrides()) == (None, ())
    assert caplog.text.count("cannot be read: Is a directory") == 2


def test_a_reader_takes_no_more_than_its_bound(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.keep_text("0123456789")
    monkeypatch.setattr(keeping, "MAX_BYTES", 4)
    assert kept.text() == "0123"


@contextmanager
def full() -> Iterator[None]:
    """A disk that takes three bytes of a file and no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_leaves_what_was_there_and_no_rest(kept: Kept, tmp_path: Path) -> None:
    keep_both(kept)
    for keep in (partial(kept.keep_text, "spec: next\n"), partial(kept.keep_overrides, OVERRIDES[:1])):
        with pytest.raises(OSError, match="File too large"), full():
            keep()
    assert (kept.text(), kept.overrides()) == ("spec: ä\n", OVERRIDES)
    assert len(list(tmp_path.iterdir())) == 2


def test_what_cannot_be_replaced_is_an_error_and_leaves_no_rest(kept: Kept, tmp_path: Path) -> None:
    kept.table_file.mkdir()
    with pytest.raises(IsADirectoryError):
        kept.keep_text("spec")
    assert list(tmp_path.iterdir()) == [kept.table_file]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "gone" / "strangler.db")
    with pytest.raises(FileNotFoundError):
        kept.keep_text("spec")
    with pytest.raises(FileNotFoundError):
        kept.keep_overrides(OVERRIDES)
    assert (kept.text(), kept.overrides()) == (None, ())
