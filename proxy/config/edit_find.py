"""What a flip is about: the route or group of a name, and the places of its stage and weight in the text.

Law of this file: a place is only given if what stands there is what the stage or weight is, written out, and nobody
else's too. What comes from a variable, an alias or an anchor is refused, with what to edit by hand.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from proxy.config.errors import ConfigError
from proxy.config.nodes import Node, Shape
from proxy.config.wording import did_you_mean
from proxy.config.yaml_reader import Path
from proxy.messages import Stage
from proxy.routing.standing import Standing

_BLOCK_STYLES = "|>"


class EditRefused(Exception):
    """An edit that is not made, why, and what to do instead. `errors`: what the file would be refused for."""

    def __init__(self, message: str, errors: tuple[ConfigError, ...] = ()) -> None:
        super().__init__("\n".join([message, *map(str, errors)]))
        self.errors = errors


class Kind(StrEnum):
    """What has a stage of its own."""

    ROUTE = "route"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is flipped: its path in the document, and where it stands. `weight`: as written, in whatever stage."""

    kind: Kind
    name: str
    path: Path
    stage: Stage
    weight: float | None

    @property
    def standing(self) -> Standing:
        return Standing(self.stage, self.weight if self.stage is Stage.CANARY else None)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def find_subject(value: Any, name: str) -> Subject:
    """The route or group of that name in a document without errors. Raises EditRefused."""
    routes, groups = value["spec"]["routes"], value["spec"].get("groups") or []
    route, group = _named(routes, name), _named(groups, name)
    owner = None if route is None else routes[route].get("group")
    if owner is not None and owner != name:
        raise EditRefused(f"route {name} belongs to group {owner}, and a group flips as one: flip {owner}")
    if group is not None:
        if route is not None and owner is None:
            raise EditRefused(f"both a route and a group are called {name}: rename one of them")
        return _subject(Kind.GROUP, name, ("spec", "groups", group), groups[group])
    if route is None:
        known = [part["name"] for part in (*routes, *groups)]
        raise EditRefused(f"no route or group is called {name}{did_you_mean(name, known) or _listed(known)}")
    return _subject(Kind.ROUTE, name, ("spec", "routes", route), routes[route])


def _named(parts: list[Any], name: str) -> int | None:
    return next((place for place, part in enumerate(parts) if part["name"] == name), None)


def _listed(known: list[str]) -> str:
    more = f" and {len(known) - 20} more" if len(known) > 20 else ""
    return f"; there is {', '.join(known[:20])}{more}"


def _subject(kind: Kind, name: str, path: Path, part: dict[str, Any]) -> Subject:
    weight = (part.get("canary") or {}).get("weight")
    return Subject(kind, name, path, Stage(part["stage"]), None if weight is None else float(weight))


class Places:
    """The places of a subject in the text. Each method raises EditRefused for what must be edited by hand."""

    def __init__(self, root: Node, subject: Subject) -> None:
        self._subject = subject
        self._used = {node.anchor for node in root.walk() if node.shape is Shape.ALIAS}
        self.long = tuple(each for each in root.walk() if each.shape is Shape.SCALAR and each.last_line > each.line)
        """Scalars of several lines."""
        self.holder = self._follow(root)

    def stage(self) -> tuple[Node, Node]:
        """The key and the value of the stage, as they stand."""
        found = self.holder.entry("stage")
        if found is None:
            raise EditRefused(f"{self._subject} has no line of its stage: write one by hand")
        return found

    def canary(self) -> Node | None:
        """The mapping that holds the weight, or None if there is no such field."""
        found = self.holder.entry("canary")
        if found is None:
            return None
        node = self._own(found[1], "canary")
        if node.shape is not Shape.MAPPING:
            raise EditRefused(f"line {node.line}: canary of {self._subject} is empty: take the field out, then flip")
        return node

    def plain(self, node: Node, what: str) -> Node:
        """The scalar, if it can be replaced where it stands."""
        where = f"line {node.line}: {what} of {self._subject}"
        self._own(node, what)
        if "${" in node.value:
            raise EditRefused(f"{where} comes from {node.value}: set that variable, or write a {what} there by hand")
        if node.anchor or node.tag:
            raise EditRefused(f"{where} is written with an anchor or a tag: edit it by hand")
        if node.style and node.style in _BLOCK_STYLES:
            raise EditRefused(f"{where} is written as a block: write it on one line, then flip")
        return node

    def _follow(self, root: Node) -> Node:
        node = self._own(root, "the document")
        for step in self._subject.path:
            entry = node.entry(step) if isinstance(step, str) else None
            node = self._own(entry[1] if entry else node.items[int(step)], "the place")
        return node

    def _own(self, node: Node, what: str) -> Node:
        where = f"line {node.line}: {what} of {self._subject}"
        if node.shape is Shape.ALIAS:
            raise EditRefused(f"{where} comes from *{node.anchor}: edit by hand what &{node.anchor} names")
        if node.anchor in self._used:
            raise EditRefused(f"{where} is &{node.anchor}, which is used elsewhere too: edit it by hand")
        return node
