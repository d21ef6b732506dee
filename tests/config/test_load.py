"""A file becomes a table, or everything that is wrong with it."""

import subprocess
import sys
from pathlib import Path

import pytest

from proxy.config.errors import ConfigErrors
from proxy.config.load import inspect, inspect_text, load, loads
from tests.config.documents import BACKENDS, document, problems, route
from tests.support.files import ROOT


def test_the_sample_that_ships_loads_without_a_warning() -> None:
    found = inspect(ROOT / "routes.yaml", {})
    assert found.problems == ()
    assert found.table is not None
    assert {found.stage for found in found.table.routes} >= {"legacy", "shadow"}


def test_files_are_looked_at_where_a_file_is_inspected_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text(document(spec="  listeners: [{port: 1, tls: {certificate: a.pem, key: a.key}}]\n"))
    assert [found.path for found in inspect(file).errors] == [
        "spec.listeners[0].tls.certificate",
        "spec.listeners[0].tls.key",
    ]
    assert str(tmp_path / "a.pem") in inspect(file).errors[0].message
    assert load(file).listeners[0].tls is not None


def test_a_program_that_prints_no_warning_looks_for_none() -> None:
    text = document(route("a", "matches: [{path: {type: Exact, value: /a}}]"))
    assert [each.severity for each in inspect_text(text, "t.yaml", {}).problems] == ["warning", "warning"]
    assert inspect_text(text, "t.yaml", {}, warn=False).problems == ()


def test_errors_of_every_kind_are_told_at_once_with_their_places() -> None:
    text = document(
        "{name: a, stage: shadw, backendRefs: {legacy: nobody}}",
        '{name: b, stage: legacy, backendRefs: {legacy: old}, owner: "${WHO}"}',
        "{name: b, name: c, stage: candidate, backendRefs: {legacy: old}, pin: {key: ['client']}}",
        route("d", "matches: [{path: {type: RegularExpression, value: '('}}], tmeouts: {idle: 1}"),
    )
    said = {(problem.line, problem.path) for problem in problems(text)}
    assert said == {
        (9, "spec.routes[0].stage"),
        (9, "spec.routes[0].backendRefs.legacy"),
        (10, "spec.routes[1].owner"),
        (11, "spec.routes[2].name"),
        (11, "spec.routes[2].stage"),
        (11, "spec.routes[2].pin.key[0]"),
        (12, "spec.routes[3].matches[0].path.value"),
        (12, "spec.routes[3].tmeouts"),
    }


def test_every_rule_of_a_policy_is_told_at_once() -> None:
    rules = (
        '{path: "$.a[1:2]", type: Decimal, tolerance: "0.1"}',
        '{path: "$.b", type: Decimal, tolerance: "NaN"}',
        '{path: "$.c", type: Decimal}',
        '{path: "c", type: Nonsense}',
        '{path: "$.d[", type: Ignore, tolerance: 1}',
    )
    found = problems(document(spec=f"  comparePolicies: [{{name: p, rules: [{', '.join(rules)}]}}]\n"))
    assert {problem.path.removeprefix("spec.comparePolicies[0].rules") for problem in found} == {
        "[0].path",
        "[1].tolerance",
        "[2].tolerance",
        "[3].type",
        "[4].path",
        "[4].tolerance",
    }


def test_what_only_follows_from_something_told_before_is_not_told() -> None:
    text = document(
        '{name: "${X}", stage: legacy, backendRefs: {legacy: old}}', route("b", "shadow: !odd {percent: 5}")
    )
    assert [(problem.path, problem.message[:20]) for problem in problems(text)] == [
        ("spec.routes[0].name", "environment variable"),
        ("spec.routes[1].shadow", "tag !odd is not of Y"),
    ]


def test_of_a_match_whose_type_is_wrong_no_value_is_asked() -> None:
    text = document(route("a", "matches: [{headers: [{name: a, type: present}]}]"))
    assert [problem.path for problem in problems(text)] == ["spec.routes[0].matches[0].headers[0].type"]


def test_problems_come_in_the_order_of_the_file() -> None:
    text = document("{name: a, stage: x, backendRefs: {legacy: y}}", route("b", "owner: 5"))
    places = [(problem.line, problem.column) for problem in problems(text)]
    assert places == sorted(places)
    assert len(places) == 3


def test_what_a_variable_holds_is_never_told() -> None:
    text = document(route("a", 'owner: "${A}", semantics: "${B}", compare: "${C}"'), backends=BACKENDS)
    secret = {"A": "sec\x00ret" * 300, "B": "hunter2", "C": "hunter3"}
    said = "\n".join(map(str, problems(text, secret)))
    assert "hunter" not in said
    assert "sec" not in said
    assert 'not "${B}"' in said
    assert 'no compare policy has the name "${C}"' in said


def test_what_a_terminal_would_obey_is_not_repeated() -> None:
    said = "\n".join(map(str, problems(document(route("a", r'compare: "x\e[2Jy\n", "\e": 1')))))
    assert "\x1b" not in said
    assert said.count("\n") == 1


def test_load_raises_with_everything(tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text(document("{name: a}", "{name: b}"))
    with pytest.raises(ConfigErrors) as refused:
        load(file, {})
    assert [error.path for error in refused.value.errors] == [f"spec.routes[{n}].backendRefs" for n in (0, 1)]
    assert str(refused.value).startswith(f"{file}:9:7: error: spec.routes[0].backendRefs: required")


def test_warnings_do_not_keep_a_table_from_loading() -> None:
    text = document(route("a", "matches: [{path: {type: Exact, value: /a}}]"), route("all"))
    assert len(problems(text)) == 1
    assert loads(text, environ={}).routes[0].name == "a"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"", "the file is empty"),
        (b"# nothing\n", "the file is empty"),
        (b"5", "must be a mapping, not 5"),
        (b"[]", "must be a mapping, not a list"),
        (b"#" * (4 * 1024 * 1024 + 1), "larger than 4194304 bytes"),
        (b"{", "not YAML"),
    ],
)
def test_a_file_that_holds_no_table(tmp_path: Path, content: bytes | None, message: str) -> None:
    file = tmp_path / "routes.yaml"
    if content is not None:
        file.write_bytes(content)
    found = inspect(file, {})
    assert found.table is None
    assert any(message in error.message for error in found.errors)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "cannot be read" in inspect(tmp_path, {}).errors[0].message


def test_a_variable_is_found_in_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text(document(backends=BACKENDS.replace("8001", "${PORT:-80}")))
    assert load(file, {"PORT": "99"}).backends["old"].port == 99
    assert load(file, {}).backends["old"].port == 80


def test_a_thousand_routes_load_and_are_all_found() -> None:
    lines = [route(f"r{n}", f"matches: [{{path: {{type: PathTemplate, value: '/x{n}/{{id}}'}}}}]") for n in range(1000)]
    table = loads(document(*lines), environ={})
    found = [table.find(b"GET", b"/x%d/1" % n, ()) for n in (0, 500, 999)]
    assert [route.name for route in found if route] == ["r0", "r500", "r999"]


def test_the_hash_is_the_same_in_another_process() -> None:
    code = "from proxy.config.load import load; print(load('routes.yaml', {}).hash)"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, timeout=30, text=True
    )
    assert said.stdout.strip() == load(ROOT / "routes.yaml", {}).hash
