"""A flip in the text: what changes, what does not, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.config.annotation import Note, parse
from proxy.config.edit import Edit, EditRefused, flip, verified
from proxy.config.errors import ConfigErrors
from proxy.config.load import loads
from proxy.config.yaml_reader import read
from proxy.messages import Stage
from proxy.routing.standing import Standing
from proxy.routing.table import RouteTable
from tests.config.documents import document
from tests.config.styles import Drawn, Part, files, stages, weights

NOTE = Note("alice", datetime(2026, 11, 23, 5, tzinfo=UTC), 'the gate said "pass"', "PAY-12")
CANARY = Standing(Stage.CANARY, 5)


def flipped(text: str, name: str, to: Standing, **environ: str) -> Edit:
    return flip(text, name, to, NOTE, "t.yaml", environ)


def refusal(text: str, name: str, to: Standing, **environ: str) -> str:
    with pytest.raises(EditRefused) as refused:
        flipped(text, name, to, **environ)
    return str(refused.value)


BLOCK = """\
apiVersion: strangler/v1
kind: RouteTable
metadata: {name: t}
spec:
  backends:
    - {name: old, url: "http://127.0.0.1:1", effects: live}
    - {name: new, url: "http://127.0.0.1:2", effects: live}
  routes:
    - name: pay # the first
      # the one line that people flip
      stage: shadow   # theirs
      backendRefs:
         legacy: old
         candidate: new
      canary:
        hashOn: [client] # keys
        weight: 1
    - {"name": "read", "stage": 'legacy', backendRefs: {legacy: old, candidate: new}, matches: [{path: {value: /r}}]}
"""


def test_the_lines_of_stage_and_weight_and_no_others() -> None:
    edit = flipped(BLOCK, "pay", CANARY)
    old, new = BLOCK.splitlines(), edit.new_text.splitlines()
    note = "      # strangler: flipped pay shadow -> canary 5 by alice at 2026-11-23T05:00:00Z ticket PAY-12:"
    assert new[:10] == old[:10]
    assert new[10].startswith(note + ' "the gate said')
    assert new[11] == "      stage: canary   # theirs"
    assert new[12:17] == old[11:16]
    assert new[17] == "        weight: 5"
    assert new[18:] == old[17:]
    assert edit.old_table == loads(BLOCK)
    assert edit.new_table.hash == loads(edit.new_text).hash != edit.old_table.hash


def test_an_older_annotation_of_ours_is_replaced_and_others_comments_stay() -> None:
    once = flipped(BLOCK, "pay", CANARY).new_text
    twice = flipped(once, "pay", Standing(Stage.CANARY, 20)).new_text
    assert twice.count("# strangler:") == 1
    assert "canary 5 -> canary 20" in twice
    assert "# the one line that people flip\n" in twice
    assert len(twice.splitlines()) == len(once.splitlines())


def test_what_stands_there_already_is_no_change() -> None:
    edit = flipped(BLOCK, "read", Standing(Stage.LEGACY))
    assert not edit.changes
    assert edit.new_text == BLOCK
    assert edit.annotation is None


def test_a_missing_canary_is_put_in_as_its_surroundings_are_written() -> None:
    hashed = BLOCK.replace("spec:\n", "spec:\n  defaults: {canary: {hashOn: [client]}}\n")
    assert '\'canary\', "canary": {"weight": 5}, backendRefs' in flipped(hashed, "read", CANARY).new_text
    bare = hashed.replace("      canary:\n        hashOn: [client] # keys\n        weight: 1\n", "")
    put_in = flipped(bare, "pay", CANARY).new_text
    assert "      stage: canary   # theirs\n      canary:\n         weight: 5\n      backendRefs:\n" in put_in


def test_a_group_flips_and_its_routes_do_not() -> None:
    member = "{name: a, group: g, backendRefs: {legacy: old, candidate: new}}"
    text = document(member, spec="  groups: [{name: g, stage: shadow, canary: {weight: 1, hashOn: [client]}}]")
    assert "route a belongs to group g" in refusal(text, "a", CANARY)
    edit = flipped(text, "g", CANARY)
    assert [each.stage for each in edit.new_table.routes] == [Stage.CANARY]
    assert str(edit.subject) == "group g"


@pytest.mark.parametrize(
    ("to", "words"),
    [
        (Standing(Stage.CANARY), "needs a weight"),
        (Standing(Stage.CANARY, 0), "not above 0"),
        (Standing(Stage.CANARY, 100.5), "at most 100"),
        (Standing(Stage.CANARY, float("nan")), "not above 0"),
        (Standing(Stage.CANARY, 0.1234567), "at most 6 decimals"),
        (Standing(Stage.CANDIDATE, 5), "no effect in stage candidate"),
    ],
)
def test_a_weight_is_compulsory_in_canary_and_refused_elsewhere(to: Standing, words: str) -> None:
    assert words in refusal(BLOCK, "pay", to)


def test_a_name_that_nobody_has() -> None:
    assert 'did you mean "pay"' in refusal(BLOCK, "pya", CANARY)


def test_what_comes_from_elsewhere_is_edited_by_hand() -> None:
    variable = BLOCK.replace("stage: shadow ", "stage: ${STAGE:-shadow} ")
    assert "line 11: stage of route pay comes from ${STAGE:-shadow}" in refusal(variable, "pay", CANARY)
    aliased = BLOCK.replace("name: t}", "name: &s shadow}").replace("stage: shadow ", "stage: *s ")
    assert "comes from *s: edit by hand what &s names" in refusal(aliased, "pay", CANARY)
    anchored = BLOCK.replace("stage: shadow ", "stage: &s shadow ").replace("'legacy'", "*s")
    assert "which is used elsewhere too" in refusal(anchored, "pay", CANARY)
    shared = BLOCK.replace("canary:\n", "canary: &c\n").replace("'legacy',", "'legacy', canary: *c,")
    assert "canary of route pay is &c" in refusal(shared, "pay", CANARY)
    assert "canary of route read comes from *c" in refusal(shared, "read", CANARY)


def test_an_invalid_file_is_refused_before_and_after() -> None:
    with pytest.raises(ConfigErrors, match="stag"):
        flipped(BLOCK.replace("stage: shadow", "stag: shadow"), "pay", CANARY)
    alone = BLOCK.replace("         candidate: new\n", "").replace("stage: shadow", "stage: legacy")
    said = refusal(alone, "pay", CANARY)
    assert "the file would be invalid" in said
    assert "t.yaml:12:" in said
    assert "needs backendRefs.candidate" in said


def test_an_edit_that_would_reach_further_is_refused() -> None:
    """What the places' own rules do not see is seen when the text is read again."""
    intended = read(BLOCK, {}).value
    assert verified(BLOCK, intended, "t.yaml", {}) == loads(BLOCK)
    for other, path in (
        (BLOCK.replace("client", "random"), r"spec\.routes\[0\]\.canary\.hashOn\[0\]"),
        (BLOCK.replace("weight: 1", "weight: 2"), r"spec\.routes\[0\]\.canary\.weight"),
        (BLOCK.replace("/r}", "/s}"), r"spec\.routes\[1\]\.matches\[0\]\.path\.value"),
    ):
        with pytest.raises(EditRefused, match=f"it would also change {path}: edit it by hand"):
            verified(other, intended, "t.yaml", {})


def test_a_style_that_is_not_foreseen_is_refused_and_not_broken() -> None:
    text = BLOCK.replace("stage: shadow   #", "? stage\n      : shadow   #").split("      canary:")[0]
    assert flipped(text, "pay", Standing(Stage.LEGACY)).new_table.routes[0].stage is Stage.LEGACY
    hashed = text.replace("spec:\n", "spec:\n  defaults: {canary: {hashOn: [client]}}\n")
    assert "the file would be invalid" in refusal(hashed, "pay", CANARY)


@given(files(), st.data())
def test_in_any_style_only_the_intended_lines_and_values_change(drawn: Drawn, data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(drawn.parts))
    stage = data.draw(stages)
    to = Standing(stage, data.draw(weights) if stage is Stage.CANARY else None)
    edit = flipped(drawn.text, part.name, to)
    _require_table(edit, part, to)
    _require_lines(edit, part, to)
    back = flipped(edit.new_text, part.name, edit.subject.standing)
    _require_value(back.new_text, drawn, part, to)
    assert back.new_text.count("# strangler: flipped ") == (1 if edit.changes else 0)


def _require_table(edit: Edit, part: Part, to: Standing) -> None:
    old, new = loads(edit.old_text), loads(edit.new_text)
    assert edit.new_table == new
    assert _without_stages(old, part) == _without_stages(new, part)
    moved = [each for each in new.routes if part.name in (each.name, each.group)]
    assert moved
    for each in moved:
        assert each.stage is to.stage
        assert to.weight is None or (each.canary is not None and each.canary.weight == to.weight)


def _without_stages(table: RouteTable, part: Part) -> RouteTable:
    routes = tuple(
        replace(each, stage=Stage.LEGACY, canary=None) if part.name in (each.name, each.group) else each
        for each in table.routes
    )
    return replace(table, routes=routes, hash="")


def _require_lines(edit: Edit, part: Part, to: Standing) -> None:
    if edit.annotation is None:
        assert edit.new_text == edit.old_text
        return
    old, new = edit.old_text.splitlines(keepends=True), edit.new_text.splitlines(keepends=True)
    notes = [line for line in new if parse(line.strip().removeprefix("\ufeff"))]
    assert [parse(line.strip().removeprefix("\ufeff")) for line in notes] == [edit.annotation]
    new = "".join(new).replace(str(edit.annotation), "\0", 1).splitlines(keepends=True)
    new = [line.replace("\0", "") for line in new if line.strip(" \r\n") != "\0"]
    new = [line for line in new if line.strip("\ufeff\r\n ") or line in old]
    gone = [line.strip("\ufeff \r\n") for line in old if line not in new]
    come = [line.strip("\ufeff \r\n") for line in new if line not in old]
    assert len(gone) <= 2
    assert len(come) <= 4
    for line in come:
        assert to.stage.value in line or "weight" in line or line == "canary:"


def _require_value(text: str, drawn: Drawn, part: Part, to: Standing) -> None:
    found, first = read(text, {}).value, read(drawn.text, {}).value
    if part.stage is not Stage.CANARY and to.stage is Stage.CANARY:
        _holder(first, part).setdefault("canary", {})["weight"] = to.weight
    assert found == first


def _holder(
    value: dict[str, dict[str, list[dict[str, dict[str, object]]]]], part: Part
) -> dict[str, dict[str, object]]:
    return next(each for each in value["spec"][f"{part.kind}s"] if each["name"] == part.name)
