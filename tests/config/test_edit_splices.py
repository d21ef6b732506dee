"""What is put in looks like what stands around it."""

from datetime import UTC, datetime

import pytest

from proxy.config.annotation import Annotation, Note
from proxy.config.edit_find import EditRefused, Places, find_subject
from proxy.config.edit_splices import annotation_splice, stage_splice, weight_splice
from proxy.config.nodes import compose
from proxy.config.text import Lines, spliced
from proxy.config.yaml_reader import read
from proxy.messages import Stage
from proxy.routing.standing import Standing

NOTE = Note("al", datetime(2026, 11, 23, 5, tzinfo=UTC), "why")
DONE = Annotation("a", Standing(Stage.LEGACY), Standing(Stage.SHADOW), NOTE)


def whole(routes: str) -> str:
    return f"spec:\n  routes:\n{routes}"


def places(text: str) -> Places:
    return Places(compose(text), find_subject(read(text, {}).value, "a"))


def weighed(routes: str, weight: float = 5) -> str:
    text = whole(routes)
    new = spliced(text, [weight_splice(text, Lines(text), places(text), weight)])
    assert read(new, {}).value["spec"]["routes"][0]["canary"]["weight"] == weight
    return new.removeprefix(whole(""))


def annotated(routes: str) -> str:
    text = whole(routes)
    new = spliced(text, [annotation_splice(text, Lines(text), places(text), DONE)])
    assert read(new, {}).value == read(text, {}).value
    return new.removeprefix(whole(""))


def test_a_stage_keeps_its_quotes() -> None:
    for old, new in (("legacy", "shadow"), ("'legacy'", "'shadow'"), ('"legacy"', '"shadow"')):
        text = whole(f"  - {{name: a, stage: {old} }}\n")
        assert spliced(text, [stage_splice(text, places(text), "shadow")]) == text.replace(old, new)


def test_a_stage_that_is_spelled_with_escapes_is_left_alone() -> None:
    text = whole('  - {name: a, stage: "lega\\u0063y"}\n')
    with pytest.raises(EditRefused, match="line 3: legacy is not spelled plainly"):
        stage_splice(text, places(text), "shadow")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  - {name: a, stage: legacy}\n", "  - {name: a, stage: legacy, canary: {weight: 5}}\n"),
        ('  - {"stage":"legacy", "name": a}\n', '  - {"stage":"legacy", "canary": {"weight": 5}, "name": a}\n'),
        ("  - name: a\n    stage: legacy # x\n", "  - name: a\n    stage: legacy # x\n    canary: {weight: 5}\n"),
        ("  - name: a\n    stage: legacy", "  - name: a\n    stage: legacy\n    canary: {weight: 5}"),
        ("  - stage:\n      legacy\n    name: a\n", "  - stage:\n      legacy\n    canary: {weight: 5}\n    name: a\n"),
        (
            "  - stage: legacy\n    refs:\n        x: 1\n    name: a\n",
            "  - stage: legacy\n    canary:\n        weight: 5\n    refs:\n        x: 1\n    name: a\n",
        ),
        ("  - {name: a, stage: legacy, canary: {}}\n", "  - {name: a, stage: legacy, canary: {weight: 5}}\n"),
        ("  - {name: a, stage: legacy, canary: {h: 1}}", "  - {name: a, stage: legacy, canary: {weight: 5, h: 1}}"),
        (
            "  - name: a\n    stage: legacy\n    canary:\n      # c\n      h: 1\n",
            "  - name: a\n    stage: legacy\n    canary:\n      # c\n      weight: 5\n      h: 1\n",
        ),
        ("  - {name: a, stage: legacy, canary: {weight: 5.0 }}", "  - {name: a, stage: legacy, canary: {weight: 5 }}"),
    ],
)
def test_a_weight(old: str, new: str) -> None:
    assert weighed(old) == new
    crlf = whole(old).replace("\n", "\r\n")
    assert spliced(crlf, [weight_splice(crlf, Lines(crlf), places(crlf), 5)]) == whole(new).replace("\n", "\r\n")


def test_a_weight_with_a_fraction() -> None:
    assert "{weight: 0.25}" in weighed("  - {name: a, stage: legacy}\n", 0.25)


def test_an_annotation_stands_above_the_stage_with_its_indentation() -> None:
    assert annotated("  - name: a\n    stage: legacy\n") == f"  - name: a\n    {DONE}\n    stage: legacy\n"
    assert annotated("  - stage: legacy\n    name: a\n") == f"  {DONE}\n  - stage: legacy\n    name: a\n"
    assert annotated("  - {name: a,\n     stage: legacy}") == f"  - {{name: a,\n     {DONE}\n     stage: legacy}}"


def test_an_annotation_never_gets_into_a_text_of_several_lines() -> None:
    routes = '  - {name: a, owner: "x\n     # y", stage: legacy}\n'
    assert annotated(routes) == f"  {DONE}\n{routes}"
    routes = '  - {name: a, x: ["p\n     q", "r\n    s"], stage: legacy}\n'
    assert annotated(routes) == f"  {DONE}\n{routes}"


def test_our_last_one_of_the_same_route_is_replaced_and_no_other_comment() -> None:
    old = str(DONE).replace("shadow by al", "canary 5 by bob")
    other = old.replace("flipped a ", "flipped b ")
    routes = f"  - name: a\n    {old}  \n    # theirs\n    {other}\n    stage: legacy\n"
    assert annotated(routes) == f"  - name: a\n    {DONE}\n    # theirs\n    {other}\n    stage: legacy\n"


def test_what_looks_like_ours_inside_a_text_is_not_replaced() -> None:
    old = str(DONE).replace("by al", "by bob")
    routes = f"  - name: a\n    owner: |\n      x\n      {old}\n    stage: legacy\n"
    assert annotated(routes) == routes.replace("    stage", f"    {DONE}\n    stage")
    routes = f"  - name: a\n    {old}\n    owner: x\n    stage: legacy\n"
    assert annotated(routes) == routes.replace("    stage", f"    {DONE}\n    stage")
