"""The conversation of `strangler compare`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from proxy.cli import main
from tests.config.documents import document

POLICY = """  comparePolicies:
    - name: pay
      redact: ["$..holder"]
      rules: [{path: $..amount, type: Money}, {path: $..id, type: Ignore}]
"""
LEGACY = '{"id":1,"amount":"10.00","currency":"EUR"}'


@pytest.fixture(autouse=True)
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("routes.yaml").write_text(document(spec=POLICY))


def compare(legacy: str, candidate: str, *options: str, suffix: str = ".json") -> Result:
    for name, body in (("legacy", legacy), ("candidate", candidate)):
        Path(name + suffix).write_text(body)
    return CliRunner().invoke(main, ["compare", f"legacy{suffix}", f"candidate{suffix}", *options])


@pytest.mark.parametrize(
    ("candidate", "options", "code", "said"),
    [
        (LEGACY.replace(":", ": "), (), 0, "match\n"),
        (LEGACY.replace("1,", "2,"), (), 1, "mismatch\n$.id  value\n  legacy     1\n  candidate  2\n"),
        (
            LEGACY.replace('"10.00"', "1000"),
            ("--policy", "pay"),
            0,
            'ignored\n$.amount  type  excused by Money $..amount\n  legacy     "10.00"\n  candidate  1000\n',
        ),
        (
            LEGACY.replace('"10.00"', "1001"),
            ("--policy", "pay"),
            1,
            'mismatch\n$.amount  rounding\n  legacy     "10.00"\n  candidate  1001\n',
        ),
        (
            "[1e99999999999999999999]",
            (),
            4,
            "inconclusive: candidate: JSON holds a number whose exponent is too large\n",
        ),
    ],
)
def test_two_bodies(candidate: str, options: tuple[str, ...], code: int, said: str) -> None:
    done = compare(LEGACY, candidate, *options)
    assert (done.exit_code, done.stdout) == (code, said)


def test_json_for_programs() -> None:
    done = compare(LEGACY, LEGACY.replace("1,", "2,"), "--policy", "pay", "--json")
    said = json.loads(done.stdout)
    assert (said["schemaVersion"], said["verdict"], said["policy"]) == (1, "ignored", "pay")
    (difference,) = said["differences"]
    assert (difference["path"], difference["severity"], difference["rule"]) == ("$.id", "breaking", "Ignore $..id")


def test_values_are_redacted() -> None:
    legacy, candidate = '{"pan":"4111111111111111","holder":"Ann"}', '{"pan":"5555555555554444","holder":"Bob"}'
    done = compare(legacy, candidate, "--policy", "pay")
    assert done.exit_code == 1
    assert not any(clear in done.stdout for clear in ("4111", "5555", "Ann", "Bob"))


def test_a_type_is_told_by_the_name_or_by_the_user() -> None:
    assert compare("<a x='1'/>", '<a x="1"></a>', suffix=".xml").exit_code == 0
    assert compare("a=1&b=2", "b=2&a=1", suffix=".form").exit_code == 0
    assert compare("a=1&b=2", "b=2&a=1", suffix=".bin").exit_code == 1
    assert (
        compare("a=1&b=2", "b=2&a=1", "--content-type", "application/x-www-form-urlencoded", suffix="").exit_code == 0
    )


def test_what_the_user_did_wrong_exits_2() -> None:
    assert "no policy 'x', but default, pay" in compare("1", "1", "--policy", "x").stderr
    assert compare("1", "1", "--policy", "x").exit_code == 2
    assert CliRunner().invoke(main, ["compare", "nowhere.json", "nowhere.json"]).exit_code == 2
    Path("routes.yaml").write_text("nonsense")
    assert compare("1", "1", "--policy", "pay").exit_code == 2
    assert compare("1", "1").exit_code == 0


def test_cells_that_only_a_number_tells_are_not_shown() -> None:
    told = compare("1,4111111111111111,739\n", "1,4111111111111111,951\n", suffix=".csv").output
    assert "739" not in told
    assert "951" not in told
    assert "secret_" in told
