"""The first schema: exchanges and what is counted about them."""

from sqlalchemy import Column

from proxy.store.columns import BYTES, COUNT, DIGEST, ID, LONG, NAME, REASON, SECONDS, SMALL, WORD, YES
from proxy.store.migrations.steps import create_index, create_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_table(
        "meta",
        Column("name", ID, primary_key=True),
        Column("value", BYTES, nullable=False),
    )
    create_table(
        "plans",
        Column("id", COUNT, primary_key=True, autoincrement=False),
        Column("until", SECONDS, nullable=False),
        Column("route", NAME, nullable=False),
        Column("stage", WORD, nullable=False),
        Column("primary_system", WORD, nullable=False),
        Column("backend", NAME, nullable=False),
        Column("shadow_backend", NAME),
        Column("reason", LONG, nullable=False),
        Column("table_hash", ID, nullable=False),
    )
    create_table(
        "exchanges",
        Column("id", ID, primary_key=True),
        Column("started_at", SECONDS, nullable=False),
        Column("plan", COUNT, nullable=False),
        Column("verdict", WORD, nullable=False),
        Column("reason", LONG),
        Column("fingerprint", ID),
        Column("method", LONG, nullable=False),
        Column("target", LONG, nullable=False),
        Column("legacy_status", SMALL),
        Column("legacy_seconds", SECONDS),
        Column("candidate_status", SMALL),
        Column("candidate_seconds", SECONDS),
        Column("request_headers", LONG),
        Column("request_body", DIGEST),
    )
    create_index("exchanges_by_verdict", "exchanges", ["verdict", "started_at"])
    create_table(
        "observations",
        Column("exchange_id", ID, primary_key=True),
        Column("system", WORD, primary_key=True),
        Column("backend", NAME, nullable=False),
        Column("phrase", LONG),
        Column("headers", LONG),
        Column("body", DIGEST),
        Column("failure", WORD),
        Column("maybe_sent", YES),
        Column("detail", LONG),
    )
    create_table(
        "bodies",
        Column("digest", DIGEST, primary_key=True),
        Column("until", SECONDS, nullable=False),
        Column("size", COUNT, nullable=False),
        Column("is_compressed", YES, nullable=False),
        Column("data", BYTES, nullable=False),
        sqlite_with_rowid=True,
    )
    create_index("bodies_by_until", "bodies", ["until"])
    create_table(
        "differences",
        Column("exchange_id", ID, primary_key=True),
        Column("position", SMALL, primary_key=True, autoincrement=False),
        Column("path", LONG, nullable=False),
        Column("kind", WORD, nullable=False),
        Column("legacy", LONG),
        Column("candidate", LONG),
        Column("rule", LONG),
        Column("severity", WORD, nullable=False),
    )
    create_table(
        "findings",
        Column("route", NAME, primary_key=True),
        Column("fingerprint", ID, primary_key=True),
        Column("causes", LONG, nullable=False),
        Column("first_seen", SECONDS, nullable=False),
        Column("last_seen", SECONDS, nullable=False),
        Column("count", COUNT, nullable=False),
        Column("examples", LONG, nullable=False),
    )
    create_table(
        "fields",
        Column("route", NAME, primary_key=True),
        Column("field", DIGEST, primary_key=True),
        Column("pattern", LONG, nullable=False),
        Column("kind", WORD, nullable=False),
        Column("rule", LONG, nullable=False),
        Column("severity", WORD, nullable=False),
        Column("first_seen", SECONDS, nullable=False),
        Column("last_seen", SECONDS, nullable=False),
        Column("exchange_id", ID, nullable=False),
        Column("path", LONG, nullable=False),
        Column("legacy", LONG),
        Column("candidate", LONG),
    )
    create_table(
        "verdict_counts",
        Column("width", SMALL, primary_key=True, autoincrement=False),
        Column("start", COUNT, primary_key=True, autoincrement=False),
        Column("route", NAME, primary_key=True),
        Column("method", WORD, primary_key=True),
        Column("verdict", WORD, primary_key=True),
        Column("reason", REASON, primary_key=True),
        Column("count", COUNT, nullable=False),
    )
    create_table(
        "failure_counts",
        Column("width", SMALL, primary_key=True, autoincrement=False),
        Column("start", COUNT, primary_key=True, autoincrement=False),
        Column("route", NAME, primary_key=True),
        Column("system", WORD, primary_key=True),
        Column("kind", WORD, primary_key=True),
        Column("count", COUNT, nullable=False),
    )
    create_table(
        "latency_counts",
        Column("width", SMALL, primary_key=True, autoincrement=False),
        Column("start", COUNT, primary_key=True, autoincrement=False),
        Column("route", NAME, primary_key=True),
        Column("system", WORD, primary_key=True),
        Column("bucket", SMALL, primary_key=True, autoincrement=False),
        Column("count", COUNT, nullable=False),
    )
    create_table(
        "field_counts",
        Column("width", SMALL, primary_key=True, autoincrement=False),
        Column("start", COUNT, primary_key=True, autoincrement=False),
        Column("route", NAME, primary_key=True),
        Column("field", DIGEST, primary_key=True),
        Column("count", COUNT, nullable=False),
    )
    create_table(
        "spans",
        Column("route", NAME, primary_key=True),
        Column("first_seen", SECONDS, nullable=False),
        Column("last_seen", SECONDS, nullable=False),
    )
    create_table(
        "volumes",
        Column("start", COUNT, primary_key=True, autoincrement=False),
        Column("exchanges", COUNT, nullable=False),
        Column("bytes", COUNT, nullable=False),
    )
    create_table(
        "tallies",
        Column("source", NAME, primary_key=True),
        Column("name", ID, primary_key=True),
        Column("label", NAME, primary_key=True),
        Column("value", COUNT, nullable=False),
        Column("at", SECONDS, nullable=False),
    )
