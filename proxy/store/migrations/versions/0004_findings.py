"""Noise, and what people decided about findings."""

from sqlalchemy import Column

from proxy.store.columns import COUNT, DIGEST, ID, LONG, NAME, SECONDS, SMALL, WORD
from proxy.store.migrations.steps import add_column, create_table

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    add_column("fields", Column("value_class", WORD, nullable=False, server_default=""))
    _create_counts(
        "finding_counts", Column("fingerprint", ID, primary_key=True), Column("count", COUNT, nullable=False)
    )
    _create_counts("control_counts", Column("outcome", WORD, primary_key=True), Column("count", COUNT, nullable=False))
    _create_counts(
        "noise_counts",
        Column("field", DIGEST, primary_key=True),
        Column("in_both", COUNT, nullable=False),
        Column("in_candidate", COUNT, nullable=False),
        Column("in_control", COUNT, nullable=False),
    )
    create_table(
        "noises",
        Column("route", NAME, primary_key=True),
        Column("field", DIGEST, primary_key=True),
        Column("pattern", LONG, nullable=False),
        Column("kind", WORD, nullable=False),
        Column("value_class", WORD, nullable=False),
        Column("last_seen", SECONDS, nullable=False),
        Column("examples", LONG, nullable=False),
    )
    create_table(
        "decisions",
        Column("finding", ID, primary_key=True),
        Column("route", NAME, nullable=False),
        Column("decision", WORD, nullable=False),
        Column("at", SECONDS, nullable=False),
        Column("actor", NAME, nullable=False),
        Column("reason", LONG, nullable=False),
        Column("until", SECONDS),
    )


def _create_counts(name: str, *columns: Column[str] | Column[int] | Column[bytes]) -> None:
    create_table(
        name,
        Column("width", SMALL, primary_key=True, autoincrement=False),
        Column("start", COUNT, primary_key=True, autoincrement=False),
        Column("route", NAME, primary_key=True),
        *columns,
    )
