"""The schema. Everything is named by system, legacy or candidate, never by role.

Law of this file: it is what `migrations/` lead to; a test compares the two. Times are Unix seconds; counts only grow;
what a report shows comes from counts and examples, never from a scan of exchanges.
"""

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text

SCHEMA = "0002"
"""The revision of this schema: the newest in migrations/versions."""

metadata = MetaData()

meta = Table(
    "meta", metadata, Column("name", String(64), primary_key=True), Column("value", LargeBinary, nullable=False)
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("started_at", Float, nullable=False),
    Column("route", String(255), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("primary_system", String(16), nullable=False),
    Column("backend", String(255), nullable=False),
    Column("shadow_backend", String(255)),
    Column("plan_reason", Text, nullable=False),
    Column("table_hash", String(64), nullable=False),
    Column("method", String(64), nullable=False),
    Column("target", Text, nullable=False),
    Column("request_headers", Text, nullable=False),
    Column("request_body", LargeBinary(16)),
    Column("verdict", String(16), nullable=False),
    Column("reason", Text),
    Column("fingerprint", String(64)),
    Index("exchanges_by_verdict", "verdict", "started_at"),
    Index("exchanges_by_time", "started_at"),
)

observations = Table(
    "observations",
    metadata,
    Column("exchange_id", String(64), primary_key=True),
    Column("system", String(16), primary_key=True),
    Column("backend", String(255), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("status", Integer),
    Column("phrase", Text),
    Column("headers", Text),
    Column("body", LargeBinary(16)),
    Column("failure", String(32)),
    Column("maybe_sent", Boolean(create_constraint=False)),
    Column("detail", Text),
    sqlite_with_rowid=False,
)

bodies = Table(
    "bodies",
    metadata,
    Column("digest", LargeBinary(16), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("is_compressed", Boolean(create_constraint=False), nullable=False),
    Column("data", LargeBinary, nullable=False),
)

differences = Table(
    "differences",
    metadata,
    Column("exchange_id", String(64), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("path", Text, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("legacy", Text),
    Column("candidate", Text),
    Column("rule", Text),
    sqlite_with_rowid=False,
)

findings = Table(
    "findings",
    metadata,
    Column("route", String(255), primary_key=True),
    Column("fingerprint", String(64), primary_key=True),
    Column("causes", Text, nullable=False),
    Column("first_seen", Float, nullable=False),
    Column("last_seen", Float, nullable=False),
    Column("count", Integer, nullable=False),
    Column("examples", Text, nullable=False),
    sqlite_with_rowid=False,
)

fields = Table(
    "fields",
    metadata,
    Column("route", String(255), primary_key=True),
    Column("pattern", Text, primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("first_seen", Float, nullable=False),
    Column("last_seen", Float, nullable=False),
    Column("exchange_id", String(64), nullable=False),
    Column("path", Text, nullable=False),
    Column("legacy", Text),
    Column("candidate", Text),
    sqlite_with_rowid=False,
)


def _counts(name: str, *keys: Column[str] | Column[int]) -> Table:
    return Table(
        name,
        metadata,
        Column("width", Integer, primary_key=True),
        Column("start", Integer, primary_key=True),
        Column("route", String(255), primary_key=True),
        *keys,
        Column("count", Integer, nullable=False),
        sqlite_with_rowid=False,
    )


verdict_counts = _counts(
    "verdict_counts",
    Column("verdict", String(16), primary_key=True),
    Column("reason", Text, primary_key=True),
)
failure_counts = _counts(
    "failure_counts",
    Column("system", String(16), primary_key=True),
    Column("kind", String(32), primary_key=True),
)
latency_counts = _counts(
    "latency_counts",
    Column("system", String(16), primary_key=True),
    Column("bucket", Integer, primary_key=True),
)
field_counts = _counts(
    "field_counts",
    Column("pattern", Text, primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("rule", Text, primary_key=True),
)

tallies = Table(
    "tallies",
    metadata,
    Column("source", String(255), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("label", String(255), primary_key=True),
    Column("value", Integer, nullable=False),
    Column("at", Float, nullable=False),
    sqlite_with_rowid=False,
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Float, nullable=False),
    Column("actor", String(255), nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("reason", String(1000), nullable=False),
    Column("ticket", String(255)),
    Column("before", String(255), nullable=False),
    Column("after", String(255), nullable=False),
    Column("details", String(4000), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
"""Only ever added to, by `proxy.store.audit`. Where it ends is kept in `meta` also."""
