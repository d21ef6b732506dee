import json
import platform
import subprocess
import sys
from importlib.metadata import version

from click.testing import CliRunner

from proxy.cli.version import command


def test_text() -> None:
    done = CliRunner().invoke(command, [])
    expected = f"strangler {version('strangler')} (Python {platform.python_version()})\n"
    assert (done.exit_code, done.stdout, done.stderr) == (0, expected, "")


def test_json() -> None:
    document = json.loads(CliRunner().invoke(command, ["--json"]).stdout)
    assert document == {
        "schemaVersion": 1,
        "strangler": version("strangler"),
        "python": platform.python_version(),
    }


def test_the_option_from_the_environment() -> None:
    assert json.loads(CliRunner().invoke(command, [], env={"STRANGLER_JSON": "1"}).stdout)["schemaVersion"] == 1


def test_the_package_can_be_run_as_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "proxy", "version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("strangler ")
