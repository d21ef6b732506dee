"""One match of one route, compiled: what it asks of a request, and its rank among all the others.

Law of this file: whatever is wrong with a match is found here, when it is compiled, never while a request waits.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import re2

from proxy.messages import Headers
from proxy.routing.route import Match, PathKind, PathMatch, Route, ValueMatch
from proxy.routing.target import canonical, query_values, readings

_PLACES = {kind: place for place, kind in enumerate(PathKind)}
_NAMED_SEGMENT = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")
_MAX_PATTERN = 1024


class MatchError(ValueError):
    """A match that cannot be compiled; the message says what is wrong with the path, expression or name."""


def compile_regex(pattern: str) -> "re2._Regexp":
    """Compile a RE2 expression, at most 1,024 characters long. Raises MatchError."""
    if len(pattern) > _MAX_PATTERN:
        raise MatchError(f"the expression is longer than {_MAX_PATTERN} characters")
    try:
        return re2.compile(pattern, regex_options())
    except re2.error as error:
        raise MatchError(f"not a RE2 expression: {_text(error)}") from None


def regex_options() -> "re2.Options":
    """RE2 as everywhere in the table: UTF-8, and silent, since its errors are raised."""
    options = re2.Options()
    options.log_errors = False
    return options


def _text(error: Exception) -> str:
    reason = error.args[0] if error.args else error
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)


def compile_path(path: PathMatch) -> tuple[bytes | None, ...]:
    """Check a path and cut it into canonical segments, None for a named one; an expression has none.

    Raises MatchError.
    """
    if path.kind is PathKind.REGEX:
        compile_regex(path.value)
        return ()
    if not path.value.startswith("/"):
        raise MatchError("a path starts with /")
    value = path.value.rstrip("/") if path.kind is PathKind.PREFIX else path.value
    segments = tuple(_segment(text, path.kind) for text in value.split("/")[1:])
    _refuse_ambiguity(path)
    _refuse_repeats(path)
    return segments


def _segment(text: str, kind: PathKind) -> bytes | None:
    if kind is PathKind.TEMPLATE and _NAMED_SEGMENT.fullmatch(text):
        return None
    if "{" in text or "}" in text:
        raise MatchError(
            f"in {kind} a brace must be written %7B or %7D"
            if kind is not PathKind.TEMPLATE
            else "a {name} of letters, digits and _ must be a whole segment"
        )
    if "?" in text or "#" in text:
        raise MatchError("a path has no ? or #; match a query with `query`")
    return canonical(text.encode())


def _refuse_ambiguity(path: PathMatch) -> None:
    if len(readings(_NAMED_SEGMENT.sub("x", path.value).encode())) != 1:
        raise MatchError("servers read this path in several ways (//, /./, /../, ;, \\ or %2F): spell it plainly")


def _refuse_repeats(path: PathMatch) -> None:
    names = _NAMED_SEGMENT.findall(path.value)
    if len(set(names)) != len(names):
        raise MatchError("a {name} stands twice in the template")


@dataclass(frozen=True, slots=True)
class _Condition:
    name: bytes
    value: bytes
    regex: "re2._Regexp | None"

    def holds(self, value: bytes | None) -> bool:
        if value is None:
            return False
        return value == self.value if self.regex is None else self.regex.fullmatch(value) is not None


@dataclass(frozen=True, slots=True)
class Rule:
    """One match of one route, compiled.

    `index` is its place in the route; `rank` orders all rules, the winner first.
    """

    route: Route
    index: int
    match: Match
    rank: tuple[int, ...]
    segments: tuple[bytes | None, ...]
    methods: frozenset[bytes]
    headers: tuple[_Condition, ...]
    query: tuple[_Condition, ...]

    def accepts(self, method: bytes, headers: Headers, query: bytes) -> bool:
        """Whether all but the path hold."""
        if self.methods and method not in self.methods:
            return False
        if not self.headers and not self.query:
            return True
        return not self.failed_headers(headers) and not self.failed_query(query)

    def failed_headers(self, headers: Headers) -> list[str]:
        """The names of the headers that do not hold. Several fields of one name are read as one, joined by a comma."""
        return [c.name.decode() for c in self.headers if not c.holds(header_value(headers, c.name))]

    def failed_query(self, query: bytes) -> list[str]:
        values = query_values(query) if self.query else {}
        return [c.name.decode() for c in self.query if not c.holds(values.get(c.name))]


def header_value(headers: Headers, name: bytes) -> bytes | None:
    """The value of a header by its lower-case name; several are joined by a comma (RFC 9110, section 5.3)."""
    values = [value for key, value in headers if key.lower() == name]
    return b",".join(values) if values else None


def compile_rules(routes: Iterable[Route]) -> tuple[Rule, ...]:
    """Compile every match of every route, the highest precedence first. Raises MatchError."""
    pairs = ((route, index, match) for route in routes for index, match in enumerate(route.matches))
    rules = (_compile(route, index, match, place) for place, (route, index, match) in enumerate(pairs))
    return tuple(sorted(rules, key=lambda rule: rule.rank))


def _compile(route: Route, index: int, match: Match, place: int) -> Rule:
    segments = compile_path(match.path)
    return Rule(
        route=route,
        index=index,
        match=match,
        rank=(
            _PLACES[match.path.kind],
            -_specificity(match.path.kind, segments),
            0 if match.methods else 1,
            -len(match.headers),
            -len(match.query),
            place,
        ),
        segments=segments,
        methods=match.methods,
        headers=tuple(_condition(value, value.name.lower()) for value in match.headers),
        query=tuple(_condition(value, value.name) for value in match.query),
    )


def _specificity(kind: PathKind, segments: tuple[bytes | None, ...]) -> int:
    match kind:
        case PathKind.EXACT | PathKind.REGEX:
            return 0
        case PathKind.TEMPLATE:
            return sum(segment is not None for segment in segments)
        case PathKind.PREFIX:
            return sum(1 + len(segment) for segment in segments if segment is not None)


def _condition(match: ValueMatch, name: str) -> _Condition:
    regex = compile_regex(match.value) if match.regex else None
    return _Condition(name.encode(), match.value.encode(), regex)
