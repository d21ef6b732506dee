"""Nodes stand where the text says, with either of the parsers."""

import pytest
import yaml
from hypothesis import given

from proxy.config import nodes
from proxy.config.nodes import Node, Shape, compose
from tests.config.styles import Drawn, files

TEXT = "été: 🦊\r\nb: &x {c: 'd', \"e\": !!str f}\r\ng:\r\n- *x\r\n- |\r\n  two\r\n  lines\r\n"


@pytest.fixture(params=["SafeLoader", "CSafeLoader"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(yaml, request.param):
        pytest.skip("PyYAML was built without it")
    monkeypatch.setattr(nodes, "_LOADER", getattr(yaml, request.param))


def entry(node: Node, key: str) -> Node:
    found = node.entry(key)
    assert found is not None
    return found[1]


@pytest.mark.usefixtures("parser")
def test_places_shapes_and_styles() -> None:
    root = compose(TEXT)
    assert (root.shape, root.flow, root.line, root.column) == (Shape.MAPPING, False, 1, 1)
    fox, flow = entry(root, "été"), entry(root, "b")
    assert TEXT[fox.start : fox.end] == "🦊"
    assert TEXT[flow.start : flow.end] == "&x {c: 'd', \"e\": !!str f}"
    assert (flow.flow, flow.anchor, flow.line, flow.column) == (True, "x", 2, 4)
    assert [(value.style, value.tag, value.value) for _, value in flow.entries] == [
        ("'", None, "d"),
        ("", "tag:yaml.org,2002:str", "f"),
    ]
    assert [key.style for key, _ in flow.entries] == ["", '"']
    alias, block = entry(root, "g").items
    assert (alias.shape, alias.anchor, TEXT[alias.start : alias.end]) == (Shape.ALIAS, "x", "*x")
    assert (block.style, block.line, block.last_line > block.line) == ("|", 5, True)
    assert root.entry("nobody") is None


def test_a_walk_meets_keys_and_values() -> None:
    found = [node.value for node in compose("a: [b, {c: d}]").walk() if node.shape is Shape.SCALAR]
    assert found == ["a", "b", "c", "d"]


def test_an_empty_text_holds_none() -> None:
    with pytest.raises(ValueError, match="empty"):
        compose("# nothing\n")


@given(files())
def test_plain_and_quoted_scalars_are_where_they_are_said_to_be(drawn: Drawn) -> None:
    text = drawn.text.removeprefix("\ufeff")
    for node in compose(text).walk():
        if node.shape is Shape.SCALAR and node.anchor is None and node.line == node.last_line:
            assert text[
                node.start : node.end
            ] == f"{node.style}{node.value.replace(chr(39), chr(39) * 2)}{node.style}" or (
                node.style == '"' and text[node.start] == text[node.end - 1] == '"'
            )
