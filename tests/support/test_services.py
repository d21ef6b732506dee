from pathlib import Path

import pytest

from tests.support.services import require_folder, require_service


@pytest.fixture(autouse=True)
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRANGLER_REQUIRE_SERVICES", raising=False)


def test_what_is_there_is_found() -> None:
    assert require_service("sh").is_file()


def test_what_is_missing_is_skipped_with_the_reason() -> None:
    with pytest.raises((pytest.fail.Exception, pytest.skip.Exception), match="no-such-server is not") as raised:
        require_service("no-such-server")
    assert raised.type is pytest.skip.Exception


def test_what_is_missing_fails_where_it_is_demanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANGLER_REQUIRE_SERVICES", "1")
    with pytest.raises((pytest.fail.Exception, pytest.skip.Exception), match="no-such-server is not") as raised:
        require_service("no-such-server")
    assert raised.type is pytest.fail.Exception


def test_a_folder_likewise(tmp_path: Path) -> None:
    assert require_folder(tmp_path) == tmp_path
    with pytest.raises(pytest.skip.Exception, match="the folder absent"):
        require_folder(tmp_path / "absent")
