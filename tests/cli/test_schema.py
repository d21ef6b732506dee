"""The conversation of `strangler schema`."""

import json

from click.testing import CliRunner

from proxy.cli.schema import command


def test_the_schema_is_json_on_stdout() -> None:
    done = CliRunner().invoke(command, [])
    assert (done.exit_code, done.stderr) == (0, "")
    schema = json.loads(done.stdout)
    assert schema["title"] == "Strangler routes.yaml"
    assert {"apiVersion", "kind", "metadata", "spec"} == schema["properties"].keys()
