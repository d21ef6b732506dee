"""Secrets of the environment and of files: given to whoever asks, and never said."""

import logging
from pathlib import Path

import pytest

from proxy.runtime.secrets import LOOK_EVERY, FoundSecrets


def test_the_environment(tmp_path: Path) -> None:
    secrets = FoundSecrets(tmp_path, {"TOKEN": "s", "EMPTY": ""})
    assert secrets.of_environment("TOKEN") == "s"
    assert secrets.of_environment("EMPTY") is None
    assert secrets.of_environment("OTHER") is None


def test_a_file_is_looked_at_again(tmp_path: Path) -> None:
    now = [0.0]
    secrets = FoundSecrets(tmp_path, {}, lambda: now[0])
    (tmp_path / "m.json").write_text('{"m1": "one"}')
    assert secrets.of_merchant("m.json", "m1") == "one"
    assert secrets.of_merchant("m.json", "m2") is None
    (tmp_path / "m.json").write_text('{"m2": "two"}')
    assert secrets.of_merchant("m.json", "m2") is None
    now[0] += LOOK_EVERY
    assert secrets.of_merchant("m.json", "m2") == "two"
    assert secrets.of_merchant("m.json", "m1") is None


@pytest.mark.parametrize("content", ['["s3cr3t"]', '{"m1": {"s3cr3t": 1}}', "s3cr3t", None])
def test_a_file_that_cannot_be_used_gives_nothing_and_says_no_secret(
    tmp_path: Path, content: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    if content is not None:
        (tmp_path / "m.json").write_text(content)
    with caplog.at_level(logging.ERROR):
        assert FoundSecrets(tmp_path, {}).of_merchant("m.json", "m1") is None
    assert "m.json" in caplog.text
    assert "s3cr3t" not in caplog.text
