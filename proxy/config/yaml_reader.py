"""Text -> values, each with its line and column: strict YAML 1.2 core, bounded in every direction.

Law of this file: no object is ever built but dict, list, str, int, float, bool and None. Values are composed from
parse events, not by a YAML loader: so depth, aliases and size are bounded while reading, and no tag can build
anything. Not YAML 1.2 core, and therefore refused: several documents, merge keys, keys that are no string, tags
beyond the core's.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from proxy.config.scalars import Plain, ScalarError, resolve, substitute

Path: TypeAlias = tuple[str | int, ...]

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 32
MAX_ALIASES = 100
MAX_VALUES = 500_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SURROGATE = re.compile("[\ud800-\udfff]")
_TAG = "tag:yaml.org,2002:"
_TAGGED: dict[str, tuple[type, ...]] = {"int": (int,), "float": (float, int), "bool": (bool,), "null": (type(None),)}


@dataclass(frozen=True, slots=True)
class Place:
    """A line and a column, from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with the file as YAML. `lost`: the value there could not be read."""

    place: Place
    path: Path
    message: str
    lost: bool = True


@dataclass(slots=True)
class Document:
    """What a file says: its value, where each value and key stands, the source of what came from a variable, faults.

    Where there is a fault, `value` holds what could be read; after a fault of syntax it is None.
    """

    value: Any = None
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    variables: dict[Path, tuple[str, str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def place(self, path: Path) -> Place:
        """Where a value stands, or the nearest that holds it."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(1, 1))

    def key(self, path: Path) -> Place:
        """Where the key of a value stands; the value itself if it is an element of a list."""
        return self.keys.get(path) or self.place(path)


class _Fatal(Exception):
    def __init__(self, place: Place, path: Path, message: str) -> None:
        self.fault = Fault(place, path, message)


def read(text: str, environ: Mapping[str, str]) -> Document:
    """Read one document. Never raises: what is wrong is in `faults`."""
    document = Document()
    try:
        _Reader(document, environ).document(text)
    except _Fatal as stop:
        document.faults.append(stop.fault)
        document.value = None
    return document


class _Reader:
    """Composes values from events. What an anchor names is recorded as events and read again at each alias."""

    def __init__(self, document: Document, environ: Mapping[str, str]) -> None:
        self._into = document
        self._environ = environ
        self._events: Iterator[yaml.Event] = iter(())
        self._anchors: dict[str, list[yaml.Event]] = {}
        self._recorders: list[list[yaml.Event]] = []
        self._aliases = 0
        self._count = 0

    def document(self, text: str) -> None:
        if len(text.encode(errors="replace")) > MAX_BYTES:
            raise _Fatal(Place(1, 1), (), f"the file is larger than {MAX_BYTES} bytes")
        self._events = _events(text)
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._into.value = self._value(self._next(), ())
                break
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise _Fatal(_place(event), (), "a second document begins here; a file holds one")

    def _next(self) -> yaml.Event:
        event = next(self._events)
        for recorder in self._recorders:
            recorder.append(event)
        return event

    def _value(self, event: yaml.Event, path: Path) -> Any:
        self._bound(event, path)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        anchor = getattr(event, "anchor", None)
        if anchor is None:
            return self._node(event, path)
        recorder = [event]
        self._anchors.pop(anchor, None)
        self._recorders.append(recorder)
        value = self._node(event, path)
        self._recorders.remove(recorder)
        self._anchors[anchor] = recorder
        return value

    def _bound(self, event: yaml.Event, path: Path) -> None:
        self._count += 1
        if self._count > MAX_VALUES:
            raise _Fatal(_place(event), path, f"more than {MAX_VALUES} values, aliases counted out")
        if len(path) > MAX_DEPTH:
            raise _Fatal(_place(event), path[:4], f"nested deeper than {MAX_DEPTH} levels")

    def _alias(self, event: yaml.AliasEvent, path: Path) -> Any:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            raise _Fatal(_place(event), path, f"more than {MAX_ALIASES} aliases")
        recorded = self._anchors.get(str(event.anchor))
        if recorded is None:
            raise _Fatal(_place(event), path, f"alias *{event.anchor} names nothing that was finished before it")
        outer = self._events, self._recorders
        self._events, self._recorders = iter(recorded[1:]), []
        value = self._node(recorded[0], path)
        self._events, self._recorders = outer
        return value

    def _node(self, event: yaml.Event, path: Path) -> Any:
        self._into.values[path] = _place(event)
        if isinstance(event, yaml.MappingStartEvent):
            self._refuse_tag(event, path, "map")
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            self._refuse_tag(event, path, "seq")
            return self._sequence(path)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        raise _Fatal(_place(event), path, "not YAML: a value is missing")

    def _sequence(self, path: Path) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            values.append(self._value(event, (*path, len(values))))
        return values

    def _mapping(self, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, path)
            place = self._into.keys.get((*path, key)) if key in values else None
            if place is not None:
                self._fault(event, (*path, key), f'duplicate key "{key}", first at line {place.line}', lost=False)
                self._value(self._next(), (*path, key))
                continue
            self._into.keys[(*path, key)] = _place(event)
            values[key] = self._value(self._next(), (*path, key))
        return values

    def _key(self, event: yaml.Event, path: Path) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise _Fatal(_place(event), path, "a key is a plain string")
        if event.value == "<<" and event.implicit[0]:
            raise _Fatal(_place(event), path, "merge keys (<<) are not YAML 1.2; use spec.defaults or an alias")
        return str(event.value)

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> Plain:
        try:
            text = substitute(event.value, self._environ)
            if text != event.value:
                self._into.variables[path] = (text, event.value)
            return _meaning(event, text)
        except ScalarError as error:
            self._fault(event, path, str(error))
            return None

    def _refuse_tag(self, event: yaml.CollectionStartEvent, path: Path, allowed: str) -> None:
        if event.tag not in (None, "!", _TAG + allowed):
            self._fault(event, path, f"tag {event.tag} is not of YAML's core schema")

    def _fault(self, event: yaml.Event, path: Path, message: str, *, lost: bool = True) -> None:
        self._into.faults.append(Fault(_place(event), path, message, lost))


def _meaning(event: yaml.ScalarEvent, text: str) -> Plain:
    if event.tag is None:
        is_plain = event.implicit[0] and (text or not event.value)
        return resolve(text) if is_plain else text
    if event.tag in ("!", _TAG + "str"):
        return text
    kinds = _TAGGED.get(event.tag.removeprefix(_TAG))
    if kinds is None:
        raise ScalarError(f"tag {event.tag} is not of YAML's core schema")
    value = resolve(text)
    if type(value) not in kinds:
        raise ScalarError(f"the value is not what its tag {event.tag} says")
    return value


def _events(text: str) -> Iterator[yaml.Event]:
    if found := _SURROGATE.search(text):
        raise _Fatal(_place_at(text, found.start()), (), "not YAML: the text is not Unicode")
    try:
        parser = _LOADER(text)
        while not isinstance(event := parser.get_event(), yaml.StreamEndEvent):
            yield event
    except yaml.MarkedYAMLError as error:
        raise _Fatal(*_syntax(error, text)) from None
    except yaml.reader.ReaderError as error:
        raise _Fatal(_place_at(text, error.position), (), f"not YAML: {error.reason}") from None


def _syntax(error: yaml.MarkedYAMLError, text: str) -> tuple[Place, Path, str]:
    mark = error.problem_mark or error.context_mark
    index = mark.index if mark else 0
    context = f" {error.context}" if error.context else ""
    return _place_at(text, index), (), f"not YAML:{context} {error.problem}{_hint(text, index)}"


def _hint(text: str, index: int) -> str:
    if text[index : index + 1] == "\t":
        return "; indent with spaces, not tabs"
    return '; inside { } quote a variable: "${NAME}"' if text[max(0, index - 1) : index + 1] == "${" else ""


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _place_at(text: str, position: int) -> Place:
    before = text[:position]
    return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
