"""Claims made alone, on disk; what a worker that is gone has left."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from proxy.claims import journal
from proxy.claims.journal import Journal, folder_beside, left_behind, lives, remove
from tests.claims.made import bid
from tests.support.files import ROOT

LEAVING = """
import os, sys
from pathlib import Path
from proxy.claims.journal import Journal
from tests.claims.made import bid
Journal(Path(sys.argv[1]), "gone").write([bid(1), bid(2, "k2")])
os.kill(os.getpid(), 9)
"""


def test_what_a_killed_worker_has_written_is_there(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", LEAVING, str(tmp_path)], cwd=ROOT, check=False)
    assert lives(tmp_path) == ["gone"]
    assert left_behind(tmp_path, "gone") == [bid(1), bid(2, "k2")]
    remove(tmp_path, "gone")
    assert lives(tmp_path) == []
    assert left_behind(tmp_path, "gone") == []


def test_a_living_workers_is_its_own_until_it_clears_it(tmp_path: Path) -> None:
    folder = folder_beside(tmp_path / "claims")
    mine = Journal(folder, "here")
    assert lives(folder) == []
    mine.write([bid(1)])
    assert lives(folder) == ["here"]
    assert left_behind(folder, "here") is None
    mine.clear()
    assert lives(folder) == []
    assert mine.size == 0
    mine.write([bid(2)])
    assert lives(folder) == ["here"]
    mine.clear()
    mine.clear()


def test_what_was_cut_off_was_never_acted_on(tmp_path: Path) -> None:
    mine = Journal(tmp_path, "here")
    mine.write([bid(1), bid(2, "k2")])
    whole = (tmp_path / "here").read_bytes()
    (tmp_path / "cut").write_bytes(whole[:-3])
    (tmp_path / "garbage").write_bytes(b"\xff" * 40)
    assert left_behind(tmp_path, "cut") == [bid(1)]
    assert left_behind(tmp_path, "garbage") == []
    mine.clear()


def test_it_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MAX_BYTES", 10)
    with pytest.raises(OSError, match="full"):
        Journal(tmp_path, "here").write([bid(1)])


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_an_oserror(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="denied"):
        Journal(tmp_path / "inside", "here").write([bid(1)])
