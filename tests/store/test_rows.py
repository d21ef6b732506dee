"""Records as rows."""

from dataclasses import replace

import msgspec
import pytest

from proxy.messages import System
from proxy.store import rows as rows_module
from proxy.store.rows import SLACK, Plans, Rows
from proxy.store.tables import differences, exchanges, observations, plans
from tests.store.made import AMOUNT, NOON, inconclusive, record, unsent

SALT = b"s" * 32


def test_rows_have_the_columns_of_their_tables() -> None:
    rows = Rows(SALT, Plans())
    for each in (record("1", AMOUNT), inconclusive("2"), unsent("3"), replace(record("4"), is_whole=False)):
        rows.add(each)
    made = ((plans, rows.plans.values()), (exchanges, rows.exchanges), (observations, rows.observations))
    for table, found in (*made, (differences, rows.differences)):
        assert {len(row) for row in found} == {len(table.columns)}
    assert len(rows.observations) == 5


def test_everything_is_named_by_system() -> None:
    rows = Rows(SALT, Plans())
    made = record("1", AMOUNT)
    exchange, shadow = made.exchange, made.shadow
    assert shadow is not None
    swapped = replace(made, exchange=msgspec.structs.replace(exchange, primary=shadow), shadow=exchange.primary)
    rows.add(made)
    rows.add(swapped)
    assert [row[1] for row in rows.observations] == ["legacy", "candidate", "candidate", "legacy"]
    assert exchange.primary.system is System.LEGACY
    assert rows.exchanges[0] == rows.exchanges[1]


def test_one_that_was_not_kept_whole_is_one_short_row() -> None:
    rows = Rows(SALT, Plans())
    thin = rows.add(replace(record("1"), is_whole=False))
    assert (len(rows.exchanges), rows.observations, rows.differences) == (1, [], [])
    assert thin < Rows(SALT, Plans()).add(record("1"))


def test_equal_bodies_are_kept_once_and_for_as_long_as_the_youngest_needs() -> None:
    rows = Rows(SALT, Plans())
    for number in range(3):
        rows.add(record(str(number), at=NOON + 2 * SLACK * number))
    assert len(rows.bodies) == 3  # one request body, one of each system
    assert {body.until for body in rows.bodies.values()} == {NOON + 5 * SLACK}


def test_a_plan_is_written_again_only_when_it_is_needed_for_longer() -> None:
    known = Plans()
    first = Rows(SALT, known)
    first.add(record("1"))
    first.add(record("2", at=NOON + 1))
    ((number, plan),) = first.plans.items()
    assert (plan[0], plan[1]) == (number, NOON + SLACK)
    known.until[number] = NOON + SLACK
    later = Rows(SALT, known)
    later.add(record("3", at=NOON + SLACK - 1))
    assert later.plans == {}
    later.add(record("4", at=NOON + SLACK + 1))
    assert later.plans[number][1] == NOON + 2 * SLACK + 1


def test_plans_that_differ_in_anything_have_numbers_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Plans()
    one, other = record("1").exchange, record("2", route="list").exchange
    assert known.number(one) == Plans().number(one) != known.number(other)
    monkeypatch.setattr(rows_module, "MOST_PLANS", 1)
    assert known.number(msgspec.structs.replace(one, table="x")) not in (known.number(one), known.number(other))
