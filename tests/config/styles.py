"""Route files in random styles, for properties of what reads and edits them."""

import json
from dataclasses import dataclass

from hypothesis import strategies as st

from proxy.messages import Stage

BACKENDS = '[{name: old, url: "${OLD:-http://h:1}", effects: live}, {name: new, url: "http://h:2", effects: live}]'
DEFAULTS = "{canary: {hashOn: [client]}}"
WORDS = ["payments", "Zürich 🦊", "it's", "a # b"]


@dataclass(frozen=True, slots=True)
class Part:
    """A route or group as it was drawn. `stage` is None for a route of a group; `weight` None for no canary."""

    kind: str
    name: str
    stage: Stage | None
    weight: float | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A file, and what has a stage in it."""

    text: str
    parts: tuple[Part, ...]


weights = st.sampled_from([1, 5, 12.5, 50, 100])
stages = st.sampled_from(list(Stage))
_quotes = st.sampled_from(["", "'", '"'])
_comments = st.sampled_from(["", "", "  # theirs: stage: shadow", " # été 🦊"])


@st.composite
def files(draw: st.DrawFn) -> Drawn:
    """Block, flow and JSON; comments, quotes, anchors, both line ends, with and without an end of the last line."""
    names = ["alpha", "beta", "gamma"][: draw(st.integers(1, 3))]
    group = _part(draw, "group", "checkout") if draw(st.booleans()) else None
    routes = [_part(draw, "route", name) for name in names]
    if group is not None:
        routes[-1] = Part("route", names[-1], None, None)
    style = draw(st.sampled_from(["mixed", "mixed", "mixed", "json", "indented"]))
    text = (
        _mixed(draw, group, routes) if style == "mixed" else _as_json(group, routes, 1 if style == "indented" else None)
    )
    text = text if draw(st.booleans()) else text.rstrip("\n")
    text = text.replace("\n", "\r\n") if draw(st.booleans()) else text
    text = "\ufeff" + text if draw(st.booleans()) else text
    parts = [part for part in (group, *routes) if part is not None and part.stage is not None]
    return Drawn(text, tuple(parts))


def _part(draw: st.DrawFn, kind: str, name: str) -> Part:
    stage = draw(stages)
    weight = draw(weights) if stage is Stage.CANARY or draw(st.booleans()) else None
    return Part(kind, name, stage, weight)


def _fields(part: Part) -> dict[str, object]:
    fields: dict[str, object] = {"name": part.name}
    fields |= {"stage": part.stage.value} if part.stage else {"group": "checkout"}
    if part.weight is not None:
        fields["canary"] = {"weight": part.weight, "hashOn": ["client"]}
    if part.kind == "route":
        fields["backendRefs"] = {"legacy": "old", "candidate": "new"}
        fields["matches"] = [{"path": {"value": f"/{part.name}"}}]
    return fields


def _as_json(group: Part | None, routes: list[Part], indent: int | None) -> str:
    backends = [{"name": "old", "url": "http://h:1", "effects": "live"}, {"name": "new", "url": "http://h:2"}]
    spec: dict[str, object] = {"defaults": {"canary": {"hashOn": ["client"]}}, "backends": backends}
    spec |= {"groups": [_fields(group)]} if group else {}
    spec["routes"] = [_fields(part) for part in routes]
    whole = {"apiVersion": "strangler/v1", "kind": "RouteTable", "metadata": {"name": "t"}, "spec": spec}
    return json.dumps(whole, indent=indent, ensure_ascii=False) + "\n"


def _mixed(draw: st.DrawFn, group: Part | None, routes: list[Part]) -> str:
    head = f"# a file{draw(_comments)}\napiVersion: strangler/v1\nkind: RouteTable\nmetadata: {{name: t}}\nspec:\n"
    lines = [f"  backends: {BACKENDS}", f"  defaults: {DEFAULTS}"]
    if group is not None:
        lines += ["  groups:", *_listed(draw, group)]
    lines += ["  routes:" + draw(_comments)]
    for number, part in enumerate(routes):
        lines += _listed(draw, part, owner="&team " if not number else "")
    return head + "\n".join(lines) + "\n"


def _listed(draw: st.DrawFn, part: Part, owner: str = "") -> list[str]:
    lines = ["", "    # theirs"] if draw(st.booleans()) else []
    return lines + (_flow(draw, part, owner) if draw(st.booleans()) else _block(draw, part, owner))


def _flow(draw: st.DrawFn, part: Part, owner: str) -> list[str]:
    fields = [f"{_quoted(draw, key)}: {_inline(draw, value)}" for key, value in _fields(part).items()]
    if part.kind == "route":
        fields.append(f"owner: {owner}{json.dumps(draw(st.sampled_from(WORDS)), ensure_ascii=False)}")
    fields = draw(st.permutations(fields))
    joint = draw(st.sampled_from([", ", ",\n       ", " , "]))
    long = ', owner: "two\n      # strangler: lines"' if part.kind == "route" and not owner else ""
    if long and draw(st.booleans()):
        fields = [each for each in fields if not each.startswith("owner:")]
        at = draw(st.integers(1, len(fields)))
        return f"    - {{{joint.join(fields[:at])}{long}{''.join(', ' + each for each in fields[at:])}}}".split("\n")
    return f"    - {{{joint.join(fields)}}}{draw(_comments)}".split("\n")


def _block(draw: st.DrawFn, part: Part, owner: str) -> list[str]:
    step = draw(st.sampled_from(["  ", "    "]))
    entries: list[list[str]] = []
    for key, value in _fields(part).items():
        if isinstance(value, dict) and draw(st.booleans()):
            inner = draw(st.permutations([f"{step}{name}: {_inline(draw, each)}" for name, each in value.items()]))
            entries.append([f"{key}:{draw(_comments)}", *inner])
        else:
            entries.append([f"{_quoted(draw, key)}: {_inline(draw, value)}{draw(_comments)}"])
    if part.kind == "route":
        word = json.dumps(draw(st.sampled_from(WORDS)), ensure_ascii=False)
        said = [[f"owner: {owner}{word}"], ["owner: |", f"{step}# strangler: text", f"{step}stage: shadow"]]
        entries.append(said[0] if owner else draw(st.sampled_from(said)))
    lines = [line for entry in draw(st.permutations(entries)) for line in entry]
    return [f"    {'- ' if not number else '  '}{line}" for number, line in enumerate(lines)]


def _inline(draw: st.DrawFn, value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(draw, key)}: {_inline(draw, each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(draw, each) for each in value) + "]"
    return _quoted(draw, value) if isinstance(value, str) else str(value)


def _quoted(draw: st.DrawFn, text: str) -> str:
    sign = draw(_quotes)
    return f"{sign}{text}{sign}"
