"""Every published payments body against itself respelled: a match; and changed in one place in each of 14 ways: found,
at the right path, by the right kind.
"""

import json
import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from comparators import Verdict
from comparators.arrangement import same
from comparators.document import Json
from comparators.instants import instant
from comparators.paths import Place, written
from tests.comparators.support import found, judged, spelled
from tests.comparators.walking import at, nodes, replaced

SEED = 20240502
SAMPLE = 150

Changed = Callable[[Json], "Json | None"]

Change = tuple[Json, list[tuple[str, str]]]
"""A changed body, and the paths and kinds that have to be found."""

Mutate = Callable[[Json, random.Random], "Change | None"]
"""None where a body has nothing that can be changed so."""


@pytest.fixture(scope="module")
def published(corpora: Path) -> list[Json]:
    """Each request and response body that five payment providers published, numbers as they are spelled."""
    lines = [line for file in sorted((corpora / "payments").glob("*.jsonl")) for line in file.read_text().splitlines()]
    records = [json.loads(line, parse_float=Decimal) for line in lines]
    return [record[side] for record in records for side in ("request", "response") if record[side] is not None]


def of(types: type | tuple[type, ...], change: Changed, kind: str) -> Mutate:
    """A change of one value of a type."""

    def mutate(body: Json, chance: random.Random) -> Change | None:
        places = [
            (place, new)
            for place, value in nodes(body)
            if isinstance(value, types) and not isinstance(value, bool)
            if (new := change(value)) is not None
        ]
        if not places:
            return None
        place, new = chance.choice(places)
        return replaced(body, place, new), [(written(place), kind)]

    return mutate


NUMBERS = (int, Decimal)


def one_cent(value: Json) -> Json:
    assert isinstance(value, int | Decimal)
    return Decimal(value) + Decimal("0.01")


def other_type(value: Json) -> Json:
    return str(value) if isinstance(value, int | Decimal) else [value]


def other_case(value: Json) -> "Json | None":
    assert isinstance(value, str)
    return None if value.swapcase() == value or instant(value) is not None else value.swapcase()


def other_zone(value: Json) -> "Json | None":
    moment = instant(value)
    if not isinstance(value, str) or moment is None or moment.zone is None or value.isdecimal():
        return None
    return value.removesuffix(moment.zone) + ("+05:30" if moment.zone != "+05:30" else "Z")


CURRENCIES = {"EUR": "USD", "USD": "EUR", "GBP": "JPY", "eur": "usd", "usd": "eur", "gbp": "jpy"}


def other_currency(value: Json) -> "Json | None":
    return CURRENCIES.get(str(value))


def other_sign(value: Json) -> "Json | None":
    assert isinstance(value, int | Decimal)
    return -value if value else None


def beyond_floats(value: Json) -> Json:
    """Another number that is the same as a float."""
    assert isinstance(value, int | Decimal)
    digits = str(value) if "." in str(value) else f"{value}.0"
    return Decimal(digits + "0" * 40 + "1")


def null_or_absent(body: Json, chance: random.Random) -> Change | None:
    members = [place for place, _ in nodes(body) if place is not None and isinstance(place[1], str)]
    if not members:
        return None
    place = chance.choice(members)
    value = at(body, place)
    if value is not None and chance.random() < 0.5:
        kind = "type"
        return replaced(body, place, None), [(written(place), kind)]
    parent, name = place
    rest = {key: each for key, each in members_of(body, parent).items() if key != name}
    return replaced(body, parent, rest), [(written(place), "missing")]


def members_of(body: Json, place: Place) -> dict[str, Json]:
    value = at(body, place)
    assert isinstance(value, dict)
    return value


def lists(body: Json, least: int) -> list[tuple[Place, list[Json]]]:
    return [(place, value) for place, value in nodes(body) if isinstance(value, list) and len(value) >= least]


def dropped_or_doubled(body: Json, chance: random.Random) -> Change | None:
    places = lists(body, 1)
    if not places:
        return None
    place, value = chance.choice(places)
    index = chance.randrange(len(value))
    new = (
        value[:index] + value[index + 1 :] if chance.random() < 0.5 else [*value[:index], value[index], *value[index:]]
    )
    return replaced(body, place, new), [(written(place), "length")]


def reordered(body: Json, chance: random.Random) -> Change | None:
    places = [(place, value) for place, value in lists(body, 2) if not all(same(value[0], each) for each in value)]
    if not places:
        return None
    place, value = chance.choice(places)
    new = value.copy()
    while same(new, value):
        chance.shuffle(new)
    return replaced(body, place, new), [(written(place), "order")]


def objects(body: Json) -> list[tuple[Place, dict[str, Json]]]:
    return [(place, value) for place, value in nodes(body) if isinstance(value, dict)]


def key_renamed(body: Json, chance: random.Random) -> Change | None:
    places = [(place, value) for place, value in objects(body) if value]
    if not places:
        return None
    place, value = chance.choice(places)
    old = chance.choice(sorted(value))
    new = {f"{name}_" if name == old else name: each for name, each in value.items()}
    return replaced(body, place, new), [(written((place, old)), "missing"), (written((place, f"{old}_")), "added")]


def key_added(body: Json, chance: random.Random) -> Change | None:
    places = objects(body)
    if not places:
        return None
    place, value = chance.choice(places)
    return replaced(body, place, {**value, "added!": None}), [(written((place, "added!")), "added")]


MUTATIONS: dict[str, Mutate] = {
    "value": of(str, lambda value: f"{value}!", "value"),
    "one cent": of(NUMBERS, one_cent, "value"),
    "type": of((int, Decimal, str), other_type, "type"),
    "null or absent": null_or_absent,
    "dropped or doubled element": dropped_or_doubled,
    "order": reordered,
    "case": of(str, other_case, "value"),
    "white space in a string": of(str, lambda value: f"{value} ", "value"),
    "time zone": of(str, other_zone, "timezone"),
    "currency": of(str, other_currency, "value"),
    "sign": of(NUMBERS, other_sign, "value"),
    "key renamed": key_renamed,
    "key added": key_added,
    "digit beyond float precision": of(NUMBERS, beyond_floats, "value"),
}


def respelled(value: Json) -> Json:
    """Each number in another spelling of equal value."""
    if isinstance(value, dict):
        return {name: respelled(each) for name, each in value.items()}
    if isinstance(value, list):
        return [respelled(each) for each in value]
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(f"{value}0" if "." in str(value) else f"{value}.0") if "E" not in str(value) else value
    return value


def check_identity(bodies: list[Json]) -> None:
    for body in bodies:
        ours = spelled(body)
        comparison = judged(ours, spelled(body, escaped=True, spaced=True, reverse=True))
        assert (comparison.verdict, comparison.differences) == (Verdict.MATCH, ())
        assert judged(ours, spelled(respelled(body), reverse=True)).verdict is Verdict.MATCH


def changes(bodies: list[Json], mutate: Mutate) -> Iterator[tuple[Json, Change]]:
    chance = random.Random(SEED)
    for body in bodies:
        change = mutate(body, chance)
        if change is not None:
            yield body, change


def check_mutation(bodies: list[Json], name: str) -> int:
    """How many bodies were changed."""
    number = 0
    for body, (changed, expected) in changes(bodies, MUTATIONS[name]):
        comparison = judged(spelled(body), spelled(changed, spaced=True, reverse=True))
        assert comparison.verdict is Verdict.MISMATCH
        assert found(comparison) == expected
        number += 1
    return number


def test_bodies_equal_themselves_respelled(published: list[Json]) -> None:
    assert len(published) > 4000
    check_identity(random.Random(SEED).sample(published, SAMPLE))


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_change_is_found_at_its_path_by_its_kind(published: list[Json], name: str) -> None:
    assert check_mutation(random.Random(SEED).sample(published, SAMPLE), name) > 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_all_bodies_equal_themselves_respelled(published: list[Json]) -> None:
    check_identity(published)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", MUTATIONS)
def test_each_change_of_each_body_is_found(published: list[Json], name: str) -> None:
    assert check_mutation(published, name) > 100
