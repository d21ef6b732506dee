"""Differences between two answers: both values redacted, and still told apart.

Law of this file: a value is judged by its path. A path or value that was cut to be shown cannot be judged, so it is
replaced whole wherever a rule or a name might have applied.
"""

import re

from msgspec.structs import replace

from comparators import Difference
from comparators.paths import PathError, parse_path
from proxy.redaction.body import Bodies
from proxy.redaction.cards import TooManyCandidates
from proxy.redaction.fragment import CUT, cleaned, is_nameless, without_half_words
from proxy.redaction.headers import HeaderRules
from proxy.redaction.json_text import JsonText
from proxy.redaction.keys import Telling
from proxy.redaction.place import Place, Places
from proxy.redaction.prefilter import is_clean
from proxy.redaction.text import scan
from proxy.redaction.values import Values

DIFFERS = " (differs)"
"""What is put after a candidate's value if both values look alike once they are redacted."""

_MEMORY = 4096
_CONTAINERS = ("{", "[")
_AS_NAMES = str.maketrans(".[", "::")
"""So that each name of a path has a sign after it, as in a body."""
_HASH = re.compile(r"(?<=sha256 )[0-9a-f]{64}")


class Differences:
    """Redacts differences with the same rules as the bodies and headers they come from."""

    def __init__(self, values: Values, places: Places, headers: HeaderRules, bodies: Bodies) -> None:
        self._values = values
        self._places = places
        self._json = JsonText(values, places)
        self._headers = headers
        self._bodies = bodies
        self._known: dict[str, bool] = {}
        self._has_rules = bool(places.top.states)

    def redact(self, difference: Difference, media: str = "") -> Difference:
        """`media`: what kind of body it is, in lower case. The very same object if it holds nothing."""
        if difference.path == "status" or self._is_clean(difference, media):
            return difference
        legacy = self._value(difference.path, difference.legacy, media)
        candidate = self._value(difference.path, difference.candidate, media)
        if candidate is not None and legacy == candidate and difference.legacy != difference.candidate:
            candidate += DIFFERS
        path = scan(difference.path, self._values.tokens)
        return replace(difference, path=path, legacy=legacy, candidate=candidate)

    def _is_clean(self, difference: Difference, media: str) -> bool:
        """Whether one search settles it: a value in JSON, whole, that no rule names."""
        path, legacy, candidate = difference.path, difference.legacy or "", difference.candidate or ""
        said = f"{path.translate(_AS_NAMES)}:\n{legacy}\n{candidate}"
        if not path.startswith("$") or "json" not in media or CUT in said:
            return False
        if self._has_rules and (legacy[:1] in _CONTAINERS or candidate[:1] in _CONTAINERS or self._named(path, media)):
            return False
        try:
            return is_clean(said.encode(errors="surrogatepass"), "utf-8")
        except TooManyCandidates:
            return False

    def _named(self, path: str, media: str) -> bool:
        """Whether a rule names what is at the path."""
        known = self._known.get(path)
        if known is None:
            if len(self._known) >= _MEMORY:
                self._known.clear()
            known = self._known[path] = self._place(path, media).by_rule
        return known

    def _value(self, path: str, value: str | None, media: str) -> str | None:
        if value is None or path == "status":
            return value
        try:
            return self._clean(path, value, media)
        except TooManyCandidates:
            return self._values.tokens.secret(value.encode(errors="surrogatepass"))

    def _clean(self, path: str, value: str, media: str) -> str:
        if path.startswith("header:"):
            return self._at(value, self._header_place(path.removeprefix("header:")))
        if not path.startswith("$"):
            piece = _HASH.sub(lambda found: self._values.tokens.body(found[0].encode()), value)
            return cleaned(piece, media, lambda text: self._bodies.fragment(text, media))
        return self._at(value, self._place(path, media))

    def _header_place(self, path: str) -> Place:
        """Of a header, of a cookie in one (`set-cookie['id']`), or of its attribute (`set-cookie['id'].path`)."""
        name, bracket, _ = path.partition("[")
        if bracket and not path.endswith("]"):
            return self._places.top
        return Place(name, frozenset(), self._headers.telling(name.encode("latin-1", "replace")), False)

    def _place(self, path: str, media: str) -> Place:
        try:
            steps = [segment.selector for segment in parse_path(path) if segment.selector is not None]
        except PathError:
            steps = []
        place = self._places.at(steps)
        unsure = self._has_rules and (CUT in path or not (steps or path == "$"))
        kind = Telling.SECRET if steps and is_nameless(steps, media) else place.telling
        return Place(place.name, place.states, kind, place.by_rule or unsure)

    @staticmethod
    def _hides(value: str, place: Place) -> bool:
        """Whether a rule may name something inside a value that cannot be read; inside a string it names nothing."""
        return bool(place.states) and not value.startswith('"')

    def _at(self, value: str, place: Place) -> str:
        clean = self._json.redact(value, place)
        if clean is not None:
            return clean
        unsure = place.by_rule or place.telling is not Telling.NOTHING or self._hides(value, place)
        return (
            self._values.named(value, Telling.SECRET, False)
            if unsure
            else scan(without_half_words(value), self._values.tokens)
        )
