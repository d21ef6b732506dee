"""The conversation of `strangler explain`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from proxy.cli.explain import command
from tests.config.documents import document, route


@pytest.fixture
def table(tmp_path: Path) -> str:
    file = tmp_path / "routes.yaml"
    french = "matches: [{path: {value: /v1}, headers: [{name: X-Country, value: FR}]}]"
    file.write_text(document(route("french", french, stage="shadow"), route("all")))
    return str(file)


def _run(table: str, *arguments: str, **env: str) -> Result:
    return CliRunner().invoke(command, ["-c", table, *arguments], env=env)


def test_the_winner_the_plan_and_the_losers(table: str) -> None:
    done = _run(table, "GET", "http://h/v1/pay?x=1", "-H", "X-Country: FR")
    assert (done.exit_code, done.stderr) == (0, "")
    asked, winner, plan, loser = done.stdout.splitlines()
    assert asked.startswith("GET http://h/v1/pay?x=1  (matched as /v1/pay, table ")
    assert winner == "route   french: PathPrefix /v1, header X-Country"
    assert plan == "plan    legacy answers (old), a copy goes to new; stage shadow: a read is copied"
    assert loser == "lost    all  match 0: it holds, but french has the more specific path"


def test_headers_come_from_the_environment_one_a_line(table: str) -> None:
    done = _run(table, "GET", "/v1", STRANGLER_HEADER="X-Other: 1\nX-Country: FR")
    assert "route   french" in done.stdout


def test_json(table: str) -> None:
    found = json.loads(_run(table, "POST", "/v1", "--json").stdout)
    assert (found["schemaVersion"], found["route"], found["plan"]["primary"]) == (1, "all", "legacy")
    assert found["losers"] == [{"route": "french", "match": 0, "reason": "header X-Country does not hold"}]


def test_nothing_wins(table: str) -> None:
    done = _run(table, "GET", "/x/../v1", "-H", "X-Country: FR")
    assert done.exit_code == 0
    assert "route   none: refused: servers read this target in several ways, as all or french" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["GET", "v1"],
        ["GET", "/", "-H", "nonsense"],
        ["GET"],
        ["TRACE", "/"],
        ["CONNECT", "/"],
        ["get", "/"],
        ["G\u00c9T", "/"],
        ["", "/"],
    ],
)
def test_a_usage_error(table: str, arguments: list[str]) -> None:
    assert _run(table, *arguments).exit_code == 2


def test_an_invalid_table_is_told_on_stderr(tmp_path: Path) -> None:
    done = _run(str(tmp_path / "none.yaml"), "GET", "/")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "none.yaml:1:1: error: cannot be read" in done.stderr


def test_a_method_that_is_never_carried_is_told(table: str) -> None:
    assert "'get': must be a method in capitals, like GET" in _run(table, "get", "/").stderr
    assert "'TRACE': TRACE is never forwarded" in _run(table, "TRACE", "/").stderr


def _explained(tmp_path: Path, match: str, *arguments: str) -> str:
    file = tmp_path / "routes.yaml"
    canary = "canary: {weight: 0, hashOn: [client], include: [10.0.0.9]}"
    file.write_text(document(route("first", f"matches: [{{{match}}}]"), route("all", canary, stage="canary")))
    return _run(str(file), "POST", "/", *arguments).stdout


def test_the_time_can_be_said_in_any_zone_and_is_now_otherwise(tmp_path: Path) -> None:
    match = "during: {from: 08:00, to: 09:00, days: [Mon]}"
    for moment in ("2024-01-01T08:30", "2024-01-01T08:30Z", "2024-01-01T09:59+01:30"):
        assert "route   first: PathPrefix /, time 08:00 to 09:00 UTC" in _explained(tmp_path, match, "--at", moment)
    late = _explained(tmp_path, match, "--at", "2024-01-01T09:00Z")
    assert "lost    first  match 0: time 08:00 to 09:00 UTC does not hold" in late
    always = "during: {days: [Mon, Tue, Wed, Thu, Fri, Sat, Sun]}"
    assert "route   first" in _explained(tmp_path, always)


def test_a_body_can_be_said(tmp_path: Path) -> None:
    match = "body: {path: $.country, in: [FR]}"
    assert "route   first" in _explained(tmp_path, match, "--body", '{"country": "FR"}')
    lost = "lost    first  match 0: body $.country does not hold"
    assert lost in _explained(tmp_path, match, "--body", '{"country": "DE"}')
    assert lost in _explained(tmp_path, match)


def test_a_client_can_be_said(tmp_path: Path) -> None:
    said = _explained(tmp_path, "method: GET", "--client", "10.0.0.9")
    assert "plan    candidate answers (new), no copy; canary 0 %: client is one of include; write" in said
    assert "canary 0 %: no key is there" in _explained(tmp_path, "method: GET")


@pytest.mark.parametrize("arguments", [["--at", "soon"], ["--client", "localhost"]])
def test_a_moment_and_an_address_must_be_ones(table: str, arguments: list[str]) -> None:
    done = _run(table, "GET", "/", *arguments)
    assert done.exit_code == 2
    assert "is not a" in done.stderr
