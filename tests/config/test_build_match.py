"""A checked match becomes data of the table."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from proxy.config.build_match import build_match, zone
from proxy.config.schema_matches import MatchSpec
from proxy.routing.route import BodyMatch, Match, PathKind, PathMatch, ValueKind, ValueMatch, Window


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ({}, Match()),
        (
            {"method": ["GET", "PUT"], "path": {"type": "Exact", "value": "/a"}},
            Match(PathMatch(PathKind.EXACT, "/a"), frozenset([b"GET", b"PUT"])),
        ),
        ({"host": "API.example"}, Match(hosts=("api.example",))),
        ({"host": ["a", "*.b"]}, Match(hosts=("a", "*.b"))),
        (
            {"headers": [{"name": "A", "value": "1"}], "query": [{"name": "q", "type": "Present"}]},
            Match(headers=(ValueMatch("A", "1"),), query=(ValueMatch("q", "", ValueKind.PRESENT),)),
        ),
        (
            {"cookies": [{"name": "c", "type": "Absent"}], "claims": [{"name": "a.b", "value": "x"}]},
            Match(cookies=(ValueMatch("c", "", ValueKind.ABSENT),), claims=(ValueMatch("a.b", "x"),)),
        ),
        ({"during": {}}, Match(during=Window())),
        (
            {"during": {"from": "22:00", "to": "06:30", "days": ["Fri", "Sun"], "zone": "Europe/Paris"}},
            Match(during=Window(1320, 390, frozenset([4, 6]), ZoneInfo("Europe/Paris"))),
        ),
        ({"during": {"to": "24:00"}}, Match(during=Window(0, 1440))),
        ({"body": {"path": "$.a", "in": ["x", 2]}}, Match(body=BodyMatch("$.a", ("x", 2)))),
    ],
)
def test_a_match(said: dict[str, object], match: Match) -> None:
    assert build_match(MatchSpec.model_validate(said)) == match


def test_utc_needs_no_file() -> None:
    assert zone("UTC") is UTC
