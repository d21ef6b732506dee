"""What a match asks of a request besides method and path."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from comparators.paths import parse_path
from proxy.routing.asked import Asked
from proxy.routing.condition import compile_conditions
from proxy.routing.expression import MatchError
from proxy.routing.route import BodyMatch, Match, ValueKind, ValueMatch, Window


def _holds(match: Match, asked: Asked) -> bool:
    (condition,) = compile_conditions(match)
    return condition.holds(asked)


@pytest.mark.parametrize(
    ("kind", "value", "sent", "hit"),
    [
        (ValueKind.EXACT, "a", b"a", True),
        (ValueKind.EXACT, "a", b"A", False),
        (ValueKind.EXACT, "a", None, False),
        (ValueKind.EXACT, "", b"", True),
        (ValueKind.REGEX, "a+", b"aaa", True),
        (ValueKind.REGEX, "a+", b"aab", False),
        (ValueKind.REGEX, ".*", None, False),
        (ValueKind.PRESENT, "", b"", True),
        (ValueKind.PRESENT, "", None, False),
        (ValueKind.ABSENT, "", None, True),
        (ValueKind.ABSENT, "", b"", False),
    ],
)
def test_a_value(kind: ValueKind, value: str, sent: bytes | None, hit: bool) -> None:
    match = ValueMatch("Name", value, kind)
    header = ((b"NAME", sent),) if sent is not None else ()
    cookie = ((b"Cookie", b"Name=" + sent),) if sent is not None else ()
    query = b"/?Name=" + sent if sent is not None else b"/"
    assert _holds(Match(headers=(match,)), Asked(b"/", header)) is hit
    assert _holds(Match(cookies=(match,)), Asked(b"/", cookie)) is hit
    assert _holds(Match(query=(match,)), Asked(query, ())) is hit


@pytest.mark.parametrize(
    ("hosts", "host", "hit"),
    [
        (("api.example",), b"API.EXAMPLE:8080", True),
        (("API.example",), b"api.example", True),
        (("api.example",), b"x.api.example", False),
        (("*.example",), b"api.example", True),
        (("*.example",), b"a.b.example", True),
        (("*.example",), b"example", False),
        (("*.example",), b".example", False),
        (("*.example",), b"badexample", False),
        (("a", "*.b"), b"x.b", True),
        (("a",), b"", False),
    ],
)
def test_a_host(hosts: tuple[str, ...], host: bytes, hit: bool) -> None:
    assert _holds(Match(hosts=hosts), Asked(b"/", ((b"host", host),))) is hit


OFFICE = Window(540, 1080, frozenset([0, 1, 2, 3, 4]))
NIGHT = Window(1320, 360, frozenset([4]))  # from Friday at 22:00 to Saturday at 06:00
PARIS = Window(540, 1080, zone=ZoneInfo("Europe/Paris"))


@pytest.mark.parametrize(
    ("window", "moment", "hit"),
    [
        (OFFICE, "2024-01-01T08:59:59", False),
        (OFFICE, "2024-01-01T09:00", True),
        (OFFICE, "2024-01-01T17:59:59", True),
        (OFFICE, "2024-01-01T18:00", False),
        (OFFICE, "2024-01-06T12:00", False),
        (NIGHT, "2024-01-05T22:00", True),
        (NIGHT, "2024-01-06T05:59", True),
        (NIGHT, "2024-01-06T06:00", False),
        (NIGHT, "2024-01-06T22:00", False),
        (NIGHT, "2024-01-05T05:00", False),
        (Window(days=frozenset([6])), "2024-01-07T23:59", True),
        (Window(days=frozenset([6])), "2024-01-08T00:00", False),
        (PARIS, "2024-01-15T08:30", True),
        (PARIS, "2024-07-15T07:30", True),
        (PARIS, "2024-07-15T16:30", False),
    ],
)
def test_a_window_in_its_zone_and_past_midnight(window: Window, moment: str, hit: bool) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()
    assert _holds(Match(during=window), Asked(b"/", (), now=now)) is hit


@pytest.mark.parametrize(
    ("path", "values", "body", "hit"),
    [
        ("$.country", ("FR", "DE"), b'{"country": "DE"}', True),
        ("$.country", ("FR",), b'{"country": "fr"}', False),
        ("$.a.b[1]", (2,), b'{"a": {"b": [1, 2]}}', True),
        ("$.a.b[2]", (2,), b'{"a": {"b": [1, 2]}}', False),
        ("$.lines[*].sku", ("x",), b'{"lines": [{"sku": "a"}, {"sku": "x"}]}', True),
        ("$.n", (1,), b'{"n": true}', False),
        ("$.n", (1,), b'{"n": 1.0}', False),
        ("$.n", ("1",), b'{"n": 1}', False),
        ("$.n", (1,), b"n=1", False),
        ("$.n", (1,), None, False),
    ],
)
def test_a_field_of_the_body(path: str, values: tuple[str | int, ...], body: bytes | None, hit: bool) -> None:
    assert _holds(Match(body=BodyMatch(path, values)), Asked(b"/", (), body=body)) is hit
    assert _holds(Match(body=BodyMatch(path, values)), Asked(b"/", (), body=body, awaited=True))


def test_a_path_that_would_have_to_be_looked_for_everywhere_is_refused() -> None:
    with pytest.raises(MatchError, match=r"without \.\."):
        compile_conditions(Match(body=BodyMatch("$..country", ("FR",))))


def test_many_rules_look_for_one_field_once() -> None:
    asked = Asked(b"/", (), body=b'{"country": "DE"}')
    found = [asked.selected(parse_path("$.country")) for _ in range(2)]
    assert found[0] == ("DE",)
    assert found[0] is found[1]
