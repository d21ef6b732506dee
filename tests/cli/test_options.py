"""An option that several commands have means the same in each, and costs a command nothing that it does not use."""

import subprocess
import sys
from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from proxy.cli import COMMANDS, main
from tests.cli.conftest import Run


def options(command: str) -> dict[str, tuple[object, ...]]:
    found: click.Command = import_module(f"proxy.cli.{command}").command
    return {
        each.name or "": (each.opts, each.default, each.envvar, each.help)
        for each in found.params
        if isinstance(each, click.Option)
    }


@pytest.mark.parametrize("name", ["config", "store"])
def test_it_is_the_same_everywhere(name: str) -> None:
    said = [options(command)[name] for command in COMMANDS if name in options(command)]
    assert len(said) > 1
    assert all(each == said[0] for each in said)


def test_check_does_not_pay_for_the_store() -> None:
    code = "import sys, proxy.cli.check; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=30, check=False).returncode == 0


def test_a_password_on_the_command_line_is_refused_and_not_repeated(run: Run) -> None:
    result = run("report", "--store", "postgresql://me:s3cret@db/x")
    assert result.exit_code == 2
    assert "a password on a command line is seen by everybody" in result.stderr
    assert "s3cret" not in result.output


def test_a_password_from_the_environment_is_taken_and_not_shown(free_port: int) -> None:
    url = f"postgresql://me:s3cret@127.0.0.1:{free_port}/x"
    for arguments in (("report",), ("db", "upgrade"), ("db", "upgrade", "--dry-run"), ("audit", "list")):
        result = CliRunner(env={"STRANGLER_STORE": url}).invoke(main, arguments)
        assert result.exit_code == 3
        assert "does not answer" in result.stderr
        assert "s3cret" not in result.output
