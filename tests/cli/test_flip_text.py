"""A flip, told to people and to programs."""

import io
import json
from datetime import UTC, datetime

from rich.console import Console

from proxy.cli.flip_text import Written, as_json, print_flip
from proxy.config.edit import Edit, Note, Standing, flip
from proxy.messages import Stage
from tests.config.documents import document, route


def worked_out(to: Standing) -> Edit:
    note = Note("al", datetime(2026, 11, 23, 5, tzinfo=UTC), "why")
    return flip(document(route("a")), "a", to, note, "t.yaml", {})


def said(edit: Edit, done: Written, patch: str = "-old\r\n+n\x1b[31mew\n") -> str:
    file = io.StringIO()
    print_flip(Console(file=file, highlight=False, soft_wrap=True), "t.yaml", edit, patch, done)
    return file.getvalue()


def test_done() -> None:
    edit = worked_out(Standing(Stage.SHADOW))
    words = said(edit, Written(applied=True, audit=7))
    assert words.startswith("route a: legacy -> shadow\na  any method\n")
    hashes = f"{edit.old_table.hash} -> {edit.new_table.hash}"
    assert words.endswith(f"t.yaml is written: table {hashes}; audit entry 7\n")
    assert "old" not in words.splitlines()[0]
    assert said(edit, Written(applied=True, warning="w")).endswith(f"table {hashes}\n")


def test_not_done_shows_the_patch_and_never_commands_the_terminal() -> None:
    words = said(worked_out(Standing(Stage.SHADOW)), Written())
    assert words.startswith("-old\n+n\N{REPLACEMENT CHARACTER}[31mew\n")
    assert words.endswith("dry run: t.yaml was not changed\n")


def test_no_change() -> None:
    assert (
        said(worked_out(Standing(Stage.LEGACY)), Written())
        == "route a is in stage legacy already; nothing was changed\n"
    )


def test_for_programs() -> None:
    edit = worked_out(Standing(Stage.SHADOW))
    found = json.loads(as_json("t.yaml", edit, "PATCH", Written(applied=True, audit=7)))
    assert found["schemaVersion"] == 1
    assert found["flip"] | {"moves": []} == {
        "file": "t.yaml",
        "kind": "route",
        "name": "a",
        "before": {"stage": "legacy", "weight": None},
        "after": {"stage": "shadow", "weight": None},
        "applied": True,
        "tableBefore": edit.old_table.hash,
        "tableAfter": edit.new_table.hash,
        "annotation": '# strangler: flipped a legacy -> shadow by al at 2026-11-23T05:00:00Z: "why"',
        "patch": "PATCH",
        "moves": [],
        "audit": 7,
        "warning": None,
    }
    assert found["flip"]["moves"][0]["changes"] == ["stage"]
    assert json.loads(as_json("t", worked_out(Standing(Stage.LEGACY)), "", Written()))["flip"]["annotation"] is None
