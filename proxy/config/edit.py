"""A flip in the text of routes.yaml: exactly the lines of one stage and weight, and an annotation above them.

Law of this file: a new text leaves only if it was read again by the loader, is valid, and differs from the old document
in the intended values and in nothing else. Everything else of the text stays to the byte.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from proxy.config.annotation import Annotation, Note
from proxy.config.edit_find import EditRefused, Places, Subject, find_subject
from proxy.config.edit_splices import annotation_splice, stage_splice, weight_splice
from proxy.config.errors import ConfigErrors
from proxy.config.load import inspect_text
from proxy.config.nodes import compose
from proxy.config.problems import written
from proxy.config.text import Lines, Splice, spliced
from proxy.config.yaml_reader import Path, read
from proxy.messages import Stage
from proxy.routing.standing import WHOLE, Standing, number
from proxy.routing.table import RouteTable

_BOM = "\ufeff"

__all__ = ["Edit", "EditRefused", "Note", "Standing", "flip"]


@dataclass(frozen=True, slots=True)
class Edit:
    """A flip that was worked out, and not yet made: the subject as it stood, both texts, both tables.

    `annotation`: None if nothing has to change; the texts are the same then.
    """

    subject: Subject
    to: Standing
    old_text: str
    new_text: str
    old_table: RouteTable
    new_table: RouteTable
    annotation: Annotation | None

    @property
    def changes(self) -> bool:
        return self.annotation is not None


def flip(text: str, name: str, to: Standing, note: Note, file: str, environ: Mapping[str, str]) -> Edit:
    """Work out a flip of the route or group of that name. `file`: what errors call the text.

    Raises ConfigErrors if the text is invalid as it is; EditRefused if the flip cannot be made, with the errors if its
    result would be invalid.
    """
    _require_weight(to)
    old_table = _table(text, file, environ)
    value = read(text, environ).value
    subject = find_subject(value, name)
    if subject.standing == to:
        return Edit(subject, to, text, text, old_table, old_table, None)
    annotation = Annotation(name, subject.standing, to, note)
    body = text.removeprefix(_BOM)
    places = Places(compose(body), subject)
    new_text = text[: len(text) - len(body)] + spliced(body, _splices(body, places, subject, to, annotation))
    new_table = verified(new_text, _intended(value, subject, to), file, environ)
    return Edit(subject, to, text, new_text, old_table, new_table, annotation)


def _require_weight(to: Standing) -> None:
    if to.stage is not Stage.CANARY:
        if to.weight is not None:
            raise EditRefused(f"a weight has no effect in stage {to.stage}: leave it out")
        return
    if to.weight is None:
        raise EditRefused("stage canary needs a weight: the candidate's share in per cent")
    if not 0 < to.weight <= WHOLE:
        raise EditRefused(f"a weight of {to.weight:g} is not above 0 and at most 100 per cent")
    if float(number(to.weight)) != to.weight:
        raise EditRefused("a weight has at most 6 decimals")


def _table(text: str, file: str, environ: Mapping[str, str]) -> RouteTable:
    found = inspect_text(text, file, environ)
    if found.table is None:
        raise ConfigErrors(found.errors)
    return found.table


def _splices(text: str, places: Places, subject: Subject, to: Standing, annotation: Annotation) -> Iterator[Splice]:
    lines = Lines(text)
    yield annotation_splice(text, lines, places, annotation)
    if subject.stage is not to.stage:
        yield stage_splice(text, places, to.stage.value)
    if to.weight is not None and subject.weight != to.weight:
        yield weight_splice(text, lines, places, to.weight)


def _intended(value: Any, subject: Subject, to: Standing) -> Any:
    """The document that the flip should give."""
    intended = deepcopy(value)
    part = intended
    for step in subject.path:
        part = part[step]
    part["stage"] = to.stage.value
    if to.weight is not None and subject.weight != to.weight:
        part.setdefault("canary", {})["weight"] = float(to.weight)
    return intended


def verified(text: str, intended: Any, file: str, environ: Mapping[str, str]) -> RouteTable:
    """The table of a text, if its values are the intended ones and no others. Raises EditRefused."""
    found = inspect_text(text, file, environ)
    if found.table is None:
        raise EditRefused("the flip is not made, since the file would be invalid:", found.errors)
    expected, real = dict(_leaves(intended, ())), dict(_leaves(read(text, environ).value, ()))
    wrong = sorted(written(path) for path in expected.keys() | real.keys() if expected.get(path) != real.get(path))
    if wrong:
        raise EditRefused(f"the flip is not made, since it would also change {', '.join(wrong[:5])}: edit it by hand")
    return found.table


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, tuple[str, Any]]]:
    """Each scalar and empty collection with its path and kind; whole numbers are numbers like all others."""
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from _leaves(item, (*path, name))
    elif isinstance(value, list) and value:
        for place, item in enumerate(value):
            yield from _leaves(item, (*path, place))
    else:
        kind = "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
        yield path, (kind, value)
