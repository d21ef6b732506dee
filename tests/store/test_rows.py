"""Records as rows."""

from proxy.store.rows import Rows
from tests.store.made import AMOUNT, inconclusive, record, unsent

SALT = b"s" * 32


def test_everything_is_named_by_system() -> None:
    rows = Rows()
    rows.add(record("1", AMOUNT), SALT)
    assert [row["system"] for row in rows.observations] == ["legacy", "candidate"]
    assert rows.exchanges[0]["primary_system"] == "legacy"
    assert rows.differences[0]["path"] == "$.lines[3].amount"


def test_equal_bodies_are_kept_once() -> None:
    rows = Rows()
    for id_ in ("1", "2", "3"):
        rows.add(record(id_), SALT)
    assert len(rows.bodies) == 3  # one request body, one of each system
    assert len({row["request_body"] for row in rows.exchanges}) == 1


def test_rows_of_one_table_have_the_same_columns() -> None:
    rows = Rows()
    for each in (record("1"), inconclusive("2"), unsent("3")):
        rows.add(each, SALT)
    assert len({frozenset(row) for row in rows.observations}) == 1
    assert len(rows.observations) == 5
