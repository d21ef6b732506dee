"""What is kept of an entity is words alone."""

from dataclasses import fields

from proxy.store.tables import sandboxes, twins
from proxy.store.twin import Sandbox, Twin


def test_the_words_are_the_tables_columns() -> None:
    assert [part.name for part in fields(Twin)] == [column.name for column in twins.columns]
    assert [part.name for part in fields(Sandbox)] == [column.name for column in sandboxes.columns]
