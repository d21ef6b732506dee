"""Twins: what is known of entities as each shadow's backend has them; and which sandboxes are stopped."""

from sqlalchemy import Column

from proxy.store.columns import ID, NAME, SECONDS
from proxy.store.migrations.steps import create_index, create_table

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    create_table(
        "twins",
        Column("backend", NAME, primary_key=True),
        Column("token", ID, primary_key=True),
        Column("entity", NAME, nullable=False),
        Column("twin", NAME),
        Column("twin_token", ID),
        Column("gap", ID),
        Column("finding", ID),
        Column("at", SECONDS, nullable=False),
    )
    create_index("twins_by_twin", "twins", ["backend", "twin_token"])
    create_index("twins_by_time", "twins", ["at"])
    create_table(
        "sandboxes",
        Column("backend", NAME, primary_key=True),
        Column("stopped", SECONDS),
        Column("reason", NAME),
        Column("gap_at", SECONDS),
    )
