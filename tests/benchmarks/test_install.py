from pathlib import Path

import pytest

from benchmarks import install


def test_a_package_is_missing_when_its_command_is_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(install, "DEBIAN", {"no-such-command": "its-package", "sh": "dash"})
    assert install.missing_debian() == ["its-package"]


def test_every_lock_is_pinned_by_hash_and_names_no_place_to_fetch_from() -> None:
    locks = list(install.LOCKS.glob("*.txt"))
    assert locks
    for lock in locks:
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
        assert "index-url" not in text


def test_an_installer_that_fails_is_told_with_its_last_words() -> None:
    with pytest.raises(install.InstallError, match="sh -c failed: no room"):
        install._run(["sh", "-c", "echo no room >&2; exit 1"], {"PATH": "/bin:/usr/bin"})
