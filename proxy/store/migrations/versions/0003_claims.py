"""Claims: pinned keys, owned entities, outcomes that nobody knows, and since when writes are pinned."""

from sqlalchemy import Column

from proxy.store.columns import ID, LONG, NAME, SECONDS, SMALL, WORD, YES
from proxy.store.migrations.steps import create_index, create_table

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    create_table(
        "pins",
        Column("key", WORD, primary_key=True),
        Column("token", WORD, nullable=False),
        Column("system", WORD, nullable=False),
        Column("backend", NAME, nullable=False),
        Column("route", NAME, nullable=False),
        Column("state", WORD, nullable=False),
        Column("body", WORD, nullable=False),
        Column("holders", LONG, nullable=False),
        Column("held", SMALL, nullable=False),
        Column("created", SECONDS, nullable=False),
        Column("expires", SECONDS, nullable=False),
    )
    create_index("pins_by_end", "pins", ["expires"])
    create_index("pins_by_held", "pins", ["held"])
    create_table(
        "owners",
        Column("id", WORD, primary_key=True),
        Column("entity", NAME, nullable=False),
        Column("system", WORD, nullable=False),
        Column("backend", NAME, nullable=False),
        Column("is_disputed", YES, nullable=False),
        Column("at", SECONDS, nullable=False),
    )
    create_index("owners_by_entity", "owners", ["entity", "system", "at"])
    create_table(
        "unknown_outcomes",
        Column("holder", ID, primary_key=True),
        Column("token", WORD, nullable=False),
        Column("system", WORD, nullable=False),
        Column("backend", NAME, nullable=False),
        Column("route", NAME, nullable=False),
        Column("detail", NAME, nullable=False),
        Column("at", SECONDS, nullable=False),
        Column("resolution", LONG),
        Column("resolved_by", NAME),
        Column("resolved_at", SECONDS),
    )
    create_index("unknown_outcomes_by_time", "unknown_outcomes", ["resolved_at", "at"])
    create_table(
        "recordings",
        Column("route", NAME, primary_key=True),
        Column("rule", LONG, nullable=False),
        Column("since", SECONDS, nullable=False),
    )
