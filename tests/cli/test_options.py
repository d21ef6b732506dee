"""An option that several commands have means the same in each, and costs a command nothing that it does not use."""

import subprocess
import sys
from importlib import import_module

import click
import pytest

from proxy.cli import COMMANDS


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
