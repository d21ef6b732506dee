"""A store that cannot be read ends every command that reads it with one line and exit 3."""

from pathlib import Path

import pytest

from proxy.cli.reading import ask
from tests.cli.conftest import Fill, Run
from tests.store.made import record

COMMANDS = [("report",), ("differences",), ("show", "x1")]


@pytest.mark.parametrize("arguments", COMMANDS)
def test_no_store(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 3
    assert result.stderr.startswith("error: there is no store at")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


@pytest.mark.parametrize("arguments", COMMANDS)
def test_a_store_that_is_no_database(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "strangler.db").write_text("no database " * 1000)
    result = run(*arguments)
    assert result.exit_code == 3
    assert "not a database" in result.stderr


def test_the_option_wins_over_the_environment(run: Run) -> None:
    result = run("report", "--store", "oracle://db/strangler")
    assert result.exit_code == 3
    assert "oracle:// is not supported" in result.stderr


def test_ask_gives_the_answer(fill: Fill, store_url: str) -> None:
    fill(record("1"))
    assert ask(store_url, lambda queries: queries.report()).routes[0].match == 1
