"""The audit log: what was done, as a chain of hashes."""

from sqlalchemy import Column

from proxy.store.columns import ID, LONG, NAME, SECONDS, SMALL, WORD
from proxy.store.migrations.steps import create_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_table(
        "audit",
        Column("number", SMALL, primary_key=True, autoincrement=False),
        Column("at", SECONDS, nullable=False),
        Column("actor", NAME, nullable=False),
        Column("action", WORD, nullable=False),
        Column("subject", NAME, nullable=False),
        Column("reason", LONG, nullable=False),
        Column("ticket", NAME),
        Column("before", NAME, nullable=False),
        Column("after", NAME, nullable=False),
        Column("details", LONG, nullable=False),
        Column("previous", ID, nullable=False),
        Column("hash", ID, nullable=False),
        sqlite_with_rowid=True,
    )
