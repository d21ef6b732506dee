"""The replacements that move a stage and a weight, and the one that leaves the annotation.

Law of this file: what is put in looks like what stands around it: quotes, braces or lines, indentation, line ends.
"""

from collections.abc import Iterator

from proxy.config.annotation import Annotation, parse
from proxy.config.edit_find import EditRefused, Places
from proxy.config.nodes import Node, Shape
from proxy.config.text import Lines, Splice
from proxy.routing.standing import number

_INDENT = 2


def stage_splice(text: str, places: Places, word: str) -> Splice:
    """The stage's word in place of the one that stands there."""
    return _replaced(text, places.plain(places.stage()[1], "stage"), word)


def weight_splice(text: str, lines: Lines, places: Places, weight: float) -> Splice:
    """The weight in place of the one that stands there, or put in where there is none."""
    canary = places.canary()
    if canary is None:
        return _canary_put_in(text, lines, places, number(weight))
    found = canary.entry("weight")
    if found is None:
        return _weight_put_in(text, lines, canary, number(weight))
    return _replaced(text, places.plain(found[1], "weight"), number(weight))


def annotation_splice(text: str, lines: Lines, places: Places, annotation: Annotation) -> Splice:
    """The annotation in place of our last one of the same subject just above the stage, or as a new line there."""
    line = _first_line(lines, places, places.stage()[0].start)
    for above in _comments_above(lines, places, line):
        content = lines.text(above)
        start = lines.start(above) + len(content) - len(content.lstrip(" \t"))
        old = parse(text[start : lines.end(above)])
        if old is not None and old.subject == annotation.subject:
            return Splice(start, lines.end(above), str(annotation))
    start = lines.start(line)
    return Splice(start, start, f"{_indentation(lines, line)}{annotation}{lines.break_after(line)}")


def _replaced(text: str, node: Node, value: str) -> Splice:
    raw = text[node.start : node.end]
    sign = node.style if node.style in ("'", '"') else ""
    if raw != f"{sign}{node.value}{sign}":
        raise EditRefused(f"line {node.line}: {node.value} is not spelled plainly: edit it by hand")
    return Splice(node.start, node.end, f"{sign}{value}{sign}")


def _canary_put_in(text: str, lines: Lines, places: Places, weight: str) -> Splice:
    key, stage = places.stage()
    canary, name = _like(key, "canary"), _like(key, "weight")
    if places.holder.flow:
        return Splice(stage.end, stage.end, f", {canary}: {{{name}: {weight}}}")
    line = lines.at(stage.end)
    indent = " " * (key.column - 1)
    step = _step(places.holder, key)
    value = f" {{{name}: {weight}}}" if step is None else f"{lines.break_after(line)}{indent}{step}{name}: {weight}"
    at = lines.end(line)
    return Splice(at, at, f"{lines.break_after(line)}{indent}{canary}:{value}")


def _step(holder: Node, key: Node) -> str | None:
    """How much further in the mappings of this one stand; None if the first of them is in braces, or there is none."""
    inner = (value for _, value in holder.entries if value.shape is Shape.MAPPING and value.entries)
    first = next(inner, None)
    if first is None or first.flow:
        return None
    step = first.entries[0][0].column - key.column
    return " " * (step if step > 0 else _INDENT)


def _weight_put_in(text: str, lines: Lines, canary: Node, weight: str) -> Splice:
    if not canary.entries:
        at = canary.end - 1
        return Splice(at, at, f"weight: {weight}")
    first = canary.entries[0][0]
    entry = f"{_like(first, 'weight')}: {weight}"
    if canary.flow:
        return Splice(first.start, first.start, f"{entry}, ")
    line_break = lines.break_after(lines.at(first.start))
    return Splice(first.start, first.start, f"{entry}{line_break}{' ' * (first.column - 1)}")


def _like(key: Node, name: str) -> str:
    sign = key.style if key.style in ("'", '"') else ""
    return f"{sign}{name}{sign}"


def _first_line(lines: Lines, places: Places, index: int) -> int:
    """The line of a key, or the nearest above that does not begin inside a scalar: a comment can stand before it."""
    line = lines.at(index)
    while (holding := _scalar_over(places, lines.start(line))) is not None:
        line = lines.at(holding.start)
    return line


def _scalar_over(places: Places, index: int) -> Node | None:
    return next((node for node in places.long if node.start < index < node.end), None)


def _comments_above(lines: Lines, places: Places, line: int) -> Iterator[int]:
    for above in range(line - 1, -1, -1):
        is_comment = lines.text(above).lstrip(" \t").startswith("#")
        if not is_comment or _scalar_over(places, lines.start(above)) is not None:
            return
        yield above


def _indentation(lines: Lines, line: int) -> str:
    content = lines.text(line)
    return content[: len(content) - len(content.lstrip(" "))]
