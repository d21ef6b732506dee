"""The first schema: exchanges and what is counted about them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "exchanges",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("started_at", sa.Float, nullable=False),
        sa.Column("route", sa.String(255), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("primary_system", sa.String(16), nullable=False),
        sa.Column("backend", sa.String(255), nullable=False),
        sa.Column("shadow_backend", sa.String(255)),
        sa.Column("plan_reason", sa.Text, nullable=False),
        sa.Column("table_hash", sa.String(64), nullable=False),
        sa.Column("method", sa.String(64), nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("request_headers", sa.Text, nullable=False),
        sa.Column("request_body", sa.LargeBinary(16)),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("fingerprint", sa.String(64)),
    )
    op.create_index("exchanges_by_verdict", "exchanges", ["verdict", "started_at"])
    op.create_index("exchanges_by_time", "exchanges", ["started_at"])
    op.create_table(
        "observations",
        sa.Column("exchange_id", sa.String(64), primary_key=True),
        sa.Column("system", sa.String(16), primary_key=True),
        sa.Column("backend", sa.String(255), nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("phrase", sa.Text),
        sa.Column("headers", sa.Text),
        sa.Column("body", sa.LargeBinary(16)),
        sa.Column("failure", sa.String(32)),
        sa.Column("maybe_sent", sa.Boolean(create_constraint=False)),
        sa.Column("detail", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bodies",
        sa.Column("digest", sa.LargeBinary(16), primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("is_compressed", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "differences",
        sa.Column("exchange_id", sa.String(64), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("legacy", sa.Text),
        sa.Column("candidate", sa.Text),
        sa.Column("rule", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "findings",
        sa.Column("route", sa.String(255), primary_key=True),
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("causes", sa.Text, nullable=False),
        sa.Column("first_seen", sa.Float, nullable=False),
        sa.Column("last_seen", sa.Float, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("examples", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "fields",
        sa.Column("route", sa.String(255), primary_key=True),
        sa.Column("pattern", sa.Text, primary_key=True),
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("rule", sa.Text, primary_key=True),
        sa.Column("first_seen", sa.Float, nullable=False),
        sa.Column("last_seen", sa.Float, nullable=False),
        sa.Column("exchange_id", sa.String(64), nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("legacy", sa.Text),
        sa.Column("candidate", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "verdict_counts",
        sa.Column("width", sa.Integer, primary_key=True),
        sa.Column("start", sa.Integer, primary_key=True),
        sa.Column("route", sa.String(255), primary_key=True),
        sa.Column("verdict", sa.String(16), primary_key=True),
        sa.Column("reason", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "failure_counts",
        sa.Column("width", sa.Integer, primary_key=True),
        sa.Column("start", sa.Integer, primary_key=True),
        sa.Column("route", sa.String(255), primary_key=True),
        sa.Column("system", sa.String(16), primary_key=True),
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "latency_counts",
        sa.Column("width", sa.Integer, primary_key=True),
        sa.Column("start", sa.Integer, primary_key=True),
        sa.Column("route", sa.String(255), primary_key=True),
        sa.Column("system", sa.String(16), primary_key=True),
        sa.Column("bucket", sa.Integer, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "field_counts",
        sa.Column("width", sa.Integer, primary_key=True),
        sa.Column("start", sa.Integer, primary_key=True),
        sa.Column("route", sa.String(255), primary_key=True),
        sa.Column("pattern", sa.Text, primary_key=True),
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("rule", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tallies",
        sa.Column("source", sa.String(255), primary_key=True),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("label", sa.String(255), primary_key=True),
        sa.Column("value", sa.Integer, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
