"""Text -> the places of its values: where each begins and ends, and how it is written. For editing, not for reading.

Law of this file: only a text in which yaml_reader.py found no fault is given to it; so depth and size are bounded
already. Aliases are not followed, and no variable is put in: a node is what stands there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Shape(StrEnum):
    """What stands there."""

    MAPPING = "mapping"
    LIST = "list"
    SCALAR = "scalar"
    ALIAS = "alias"


@dataclass(frozen=True, slots=True)
class Node:
    """A value or a key as it is written.

    `start` and `end` count characters of the text, a tag and an anchor included; lines and columns count from 1.
    `flow`: a mapping or list in braces or brackets. `anchor`: the name that it is given, or of an alias that it uses.
    `style`: of a scalar, the sign that opens it, empty if there is none.
    """

    shape: Shape
    start: int
    end: int
    line: int
    column: int
    last_line: int
    flow: bool = False
    anchor: str | None = None
    tag: str | None = None
    value: str = ""
    style: str = ""
    entries: tuple[tuple["Node", "Node"], ...] = field(default=(), repr=False)
    items: tuple["Node", ...] = field(default=(), repr=False)

    def entry(self, key: str) -> tuple["Node", "Node"] | None:
        """The key and the value of that name in a mapping."""
        return next(((name, value) for name, value in self.entries if name.value == key), None)

    def walk(self) -> Iterator["Node"]:
        """This and everything in it, keys too."""
        yield self
        for key, value in self.entries:
            yield key
            yield from value.walk()
        for item in self.items:
            yield from item.walk()


def compose(text: str) -> Node:
    """The node of the one document in a text that begins without a byte order mark: not all parsers count that."""
    events = yaml.parse(text, Loader=_LOADER)
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            return _node(next(events), events)
    raise ValueError("an empty text holds no node; read it first")


def _node(event: yaml.Event, events: Iterator[yaml.Event]) -> Node:
    if isinstance(event, yaml.MappingStartEvent):
        return _mapping(event, events)
    if isinstance(event, yaml.SequenceStartEvent):
        return _sequence(event, events)
    if isinstance(event, yaml.ScalarEvent):
        style = event.style or ""
        return _made(Shape.SCALAR, event, event, tag=event.tag, value=str(event.value), style=style)
    if isinstance(event, yaml.AliasEvent):
        return _made(Shape.ALIAS, event, event)
    raise ValueError(f"{type(event).__name__} begins no value; read the text first")


def _mapping(event: yaml.MappingStartEvent, events: Iterator[yaml.Event]) -> Node:
    entries = []
    while not isinstance(found := next(events), yaml.MappingEndEvent):
        key = _node(found, events)
        entries.append((key, _node(next(events), events)))
    return _made(Shape.MAPPING, event, found, tag=event.tag, flow=bool(event.flow_style), entries=tuple(entries))


def _sequence(event: yaml.SequenceStartEvent, events: Iterator[yaml.Event]) -> Node:
    items = []
    while not isinstance(found := next(events), yaml.SequenceEndEvent):
        items.append(_node(found, events))
    return _made(Shape.LIST, event, found, tag=event.tag, flow=bool(event.flow_style), items=tuple(items))


def _made(
    shape: Shape,
    first: yaml.Event,
    last: yaml.Event,
    *,
    tag: str | None = None,
    flow: bool = False,
    value: str = "",
    style: str = "",
    entries: tuple[tuple[Node, Node], ...] = (),
    items: tuple[Node, ...] = (),
) -> Node:
    begin, end = first.start_mark, last.end_mark
    assert begin is not None, "a parser marks all of its events"
    assert end is not None, "a parser marks all of its events"
    return Node(
        shape=shape,
        start=begin.index,
        end=end.index,
        line=begin.line + 1,
        column=begin.column + 1,
        last_line=end.line + 1,
        flow=flow,
        anchor=getattr(first, "anchor", None),
        tag=tag,
        value=value,
        style=style,
        entries=entries,
        items=items,
    )
