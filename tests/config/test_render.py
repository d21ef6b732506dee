"""Problems for a terminal, a program and GitHub."""

import json

from proxy.config.load import inspect_text
from proxy.config.render import as_json, github, text
from tests.config.documents import document, route

BAD = document(route("a", "owner: 5"))
GOOD = document(route("a", "matches: [{path: {type: Exact, value: /a}}]"), route("all"))


def test_text_shows_the_line_and_points_at_the_place() -> None:
    message, line, caret, summary = text(inspect_text(BAD, "t.yaml", {})).splitlines()
    assert message.startswith("t.yaml:9:83: error: spec.routes[0].owner: must be a string")
    assert line[caret.index("^") :].startswith("5}")
    assert summary == "t.yaml: 1 error, 0 warnings"


def test_text_of_a_good_file_names_what_is_in_it() -> None:
    found = inspect_text(GOOD, "t.yaml", {})
    assert found.table is not None
    assert text(found).splitlines()[-1] == f"t.yaml: ok: 2 routes, 2 backends, table {found.table.hash}, 1 warning"


def test_a_long_line_is_cut_around_its_place_and_nothing_in_it_is_obeyed() -> None:
    found = inspect_text(document(route("a", f'owner: "{"x" * 3000}\\e", shadow: 5 # \x1b[2J')), "t.yaml", {})
    lines = text(found).splitlines()
    assert all(len(line) < 400 for line in lines)
    assert "\x1b" not in "".join(lines)


def test_what_stands_around_the_place_is_shown_on_both_sides() -> None:
    text_ = document(route("a", f'owner: "{"x" * 900}", shadow: 5, compare: "{"y" * 900}"'))
    lines = text(inspect_text(text_, "t.yaml", {})).splitlines()
    at = next(number for number, line in enumerate(lines) if "shadow: must be" in line)
    excerpt, caret = lines[at + 1], lines[at + 2].index("^")
    assert excerpt[caret] == "5"
    assert 'xx", shadow: 5, compare: "yy' in excerpt
    last = text(inspect_text(document(route("a", f'owner: "{"x" * 900}", shadow: 5')), "t.yaml", {})).splitlines()
    assert last[1].endswith('xx", shadow: 5}')
    assert last[1][last[2].index("^")] == "5"


def test_json_holds_the_same_facts() -> None:
    bad = json.loads(as_json(inspect_text(BAD, "t.yaml", {})))
    assert (bad["schemaVersion"], bad["ok"], bad["table"]) == (1, False, None)
    assert bad["problems"][0]["line"] == 9
    assert bad["problems"][0]["path"] == "spec.routes[0].owner"
    good = json.loads(as_json(inspect_text(GOOD, "t.yaml", {})))
    assert (good["ok"], good["table"]["routes"], good["problems"][0]["severity"]) == (True, 2, "warning")


def test_github_gets_annotations_in_which_nothing_is_left_open() -> None:
    line = github(inspect_text(BAD, "a,b:50%.yaml", {}))
    assert line.startswith("::error file=a%2Cb%3A50%25.yaml,line=9,col=83::spec.routes[0].owner: must be")
    assert "\n" not in line
    assert github(inspect_text(document(), "t.yaml", {})).startswith("t.yaml: ok")
