"""Where a route stands, and what it takes."""

import pytest

from proxy.messages import Stage
from proxy.routing.standing import Standing, methods, number, reads, standing, writes
from proxy.routing.table import Canary, Match, Route, Semantics


@pytest.mark.parametrize(
    ("stage", "share", "words"),
    [
        (Stage.LEGACY, 100, "legacy"),
        (Stage.SHADOW, 100, "shadow"),
        (Stage.CANARY, 87.5, "canary 12.5"),
        (Stage.REVERSE_SHADOW, 0, "reverse-shadow"),
        (Stage.CANDIDATE, 0, "candidate"),
    ],
)
def test_share_and_words(stage: Stage, share: float, words: str) -> None:
    """A weight counts in stage canary alone, also if it is written in another."""
    found = standing(Route("a", "old", "new", stage=stage, canary=Canary(12.5, ("client",))))
    assert (found.legacy_share, str(found)) == (share, words)


def test_without_a_canary() -> None:
    assert standing(Route("a", "old")) == Standing(Stage.LEGACY)


@pytest.mark.parametrize(
    ("named", "semantics", "expected"),
    [
        ((), Semantics.AUTO, ((), True, True)),
        ((b"GET", b"HEAD"), Semantics.AUTO, (("GET", "HEAD"), True, False)),
        ((b"POST",), Semantics.AUTO, (("POST",), False, True)),
        ((b"POST", b"GET"), Semantics.AUTO, (("GET", "POST"), True, True)),
        ((b"GET",), Semantics.WRITE, (("GET",), False, True)),
        ((b"POST",), Semantics.READ, (("POST",), True, False)),
    ],
)
def test_what_it_takes(named: tuple[bytes, ...], semantics: Semantics, expected: object) -> None:
    route = Route("a", "old", matches=(Match(methods=frozenset(named)),), semantics=semantics)
    assert (methods(route), reads(route), writes(route)) == expected


def test_methods_of_all_matches() -> None:
    get, post = Match(methods=frozenset([b"GET"])), Match(methods=frozenset([b"POST"]))
    assert methods(Route("a", "old", matches=(post, get))) == ("GET", "POST")
    assert methods(Route("a", "old", matches=(post, Match()))) == ()


def test_numbers() -> None:
    assert [number(each) for each in (5.0, 0.25, 100, 0.000001)] == ["5", "0.25", "100", "0.000001"]
