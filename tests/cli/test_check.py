"""The conversation of `strangler check`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from proxy.cli.check import command
from tests.config.documents import document, route


@pytest.fixture
def good(tmp_path: Path) -> str:
    file = tmp_path / "good.yaml"
    file.write_text(document())
    return str(file)


@pytest.fixture
def bad(tmp_path: Path) -> str:
    file = tmp_path / "bad.yaml"
    file.write_text(document(route("a", "owner: 5"), route("a", stage="canary")))
    return str(file)


def test_a_good_file(good: str) -> None:
    done = CliRunner().invoke(command, ["-c", good])
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{good}: ok: 1 route, 2 backends, table ")


def test_every_error_is_on_stdout_and_the_exit_is_2(bad: str) -> None:
    done = CliRunner().invoke(command, ["-c", bad])
    assert (done.exit_code, done.stderr) == (2, "")
    assert f"{bad}:9:83: error: spec.routes[0].owner: " in done.stdout
    assert f"{bad}:10:14: error: spec.routes[1].name: " in done.stdout
    assert "spec.routes[1].canary: required in stage canary" in done.stdout


def test_json_and_github(bad: str) -> None:
    done = CliRunner().invoke(command, ["-c", bad, "--format", "json"])
    assert done.exit_code == 2
    assert len(json.loads(done.stdout)["problems"]) == 3
    assert CliRunner().invoke(command, ["-c", bad, "--json"]).stdout == done.stdout
    done = CliRunner().invoke(command, ["-c", bad, "--format", "github"])
    assert [line[:13] for line in done.stdout.splitlines()] == ["::error file="] * 3


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["-c", str(tmp_path / "none.yaml")])
    assert done.exit_code == 2
    assert "none.yaml:1:1: error: cannot be read: No such file or directory" in done.stdout


def test_options_from_the_environment(good: str) -> None:
    done = CliRunner().invoke(command, [], env={"STRANGLER_CONFIG": good, "STRANGLER_CHECK_FORMAT": "json"})
    assert json.loads(done.stdout)["ok"] is True


def test_an_unknown_format_is_a_usage_error() -> None:
    assert CliRunner().invoke(command, ["--format", "xml"]).exit_code == 2
