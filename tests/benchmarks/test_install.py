import re
from pathlib import Path

import pytest

from benchmarks import install


def test_a_package_is_missing_when_its_command_is_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(install, "DEBIAN", {"no-such-command": "1", "sh": "2"})
    assert install.missing_debian() == ["no-such-command"]


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


def test_debian_packages_are_asked_for_in_the_version_that_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(install, "_run", lambda command, env: ran.append(command))
    install.install_debian(["wrk", "nginx"])
    assert ran[0] == ["apt-get", "update"]
    assert [word.split("=")[0] for word in ran[1][-2:]] == ["wrk", "nginx"]
    assert all(re.fullmatch(r"\w+=\d+\.\d+\.\d+\*", word) for word in ran[1][-2:])


def test_any_change_of_a_source_asks_for_a_new_compiled_form_and_a_cache_of_python_does_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("setup.py", "pyproject.toml", "proxy/a.py", "proxy/store/migrations/x.mako", "comparators/b.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    monkeypatch.setattr(install, "ROOT", tmp_path)
    seen = {install._digest()}
    (tmp_path / "proxy" / "__pycache__").mkdir()
    (tmp_path / "proxy" / "__pycache__" / "a.pyc").write_text("2")
    assert {install._digest()} == seen
    for change in ("proxy/a.py", "proxy/store/migrations/x.mako", "setup.py"):
        (tmp_path / change).write_text("2")
        seen.add(install._digest())
    (tmp_path / "comparators" / "b.py").rename(tmp_path / "comparators" / "c.py")
    seen.add(install._digest())
    assert len(seen) == 5
