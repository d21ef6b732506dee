"""The schema, the same in SQLite, PostgreSQL and MySQL. Everything is named by system, legacy or candidate, never by
role.

Law of this file: it is what `migrations/` lead to; a test compares the two. Times are Unix seconds; counts only grow;
what a report shows comes from counts and examples, never from a scan of exchanges. What many exchanges share (their
plan, a body) is kept once, with the moment `until` which none of them is younger than: so what no exchange needs any
more is found without looking at the exchanges.
"""

from sqlalchemy import Column, Index, MetaData, Table

from proxy.store.columns import BYTES, COUNT, DIGEST, ID, LONG, NAME, OPTIONS, REASON, SECONDS, SMALL, WORD, YES

SCHEMA = "0005"
"""The revision of this schema: the newest in migrations/versions."""

metadata = MetaData()

meta = Table("meta", metadata, Column("name", ID, primary_key=True), Column("value", BYTES, nullable=False), **OPTIONS)
"""The salt of the bodies' names, the end of the audit log's chain, and the row that a writer locks."""

plans = Table(
    "plans",
    metadata,
    Column("id", COUNT, primary_key=True, autoincrement=False),
    Column("until", SECONDS, nullable=False),
    Column("route", NAME, nullable=False),
    Column("stage", WORD, nullable=False),
    Column("primary_system", WORD, nullable=False),
    Column("backend", NAME, nullable=False),
    Column("shadow_backend", NAME),
    Column("reason", LONG, nullable=False),
    Column("table_hash", ID, nullable=False),
    **OPTIONS,
)

exchanges = Table(
    "exchanges",
    metadata,
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
    Index("exchanges_by_verdict", "verdict", "started_at"),
    **OPTIONS,
)
"""Headers are NULL where fields and bodies were not kept."""

observations = Table(
    "observations",
    metadata,
    Column("exchange_id", ID, primary_key=True),
    Column("system", WORD, primary_key=True),
    Column("backend", NAME, nullable=False),
    Column("phrase", LONG),
    Column("headers", LONG),
    Column("body", DIGEST),
    Column("failure", WORD),
    Column("maybe_sent", YES),
    Column("detail", LONG),
    **OPTIONS,
)
"""Of answers that were kept whole, and of failures."""

bodies = Table(
    "bodies",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    Column("until", SECONDS, nullable=False),
    Column("size", COUNT, nullable=False),
    Column("is_compressed", YES, nullable=False),
    Column("data", BYTES, nullable=False),
    Index("bodies_by_until", "until"),
    **(OPTIONS | {"sqlite_with_rowid": True}),
)

differences = Table(
    "differences",
    metadata,
    Column("exchange_id", ID, primary_key=True),
    Column("position", SMALL, primary_key=True, autoincrement=False),
    Column("path", LONG, nullable=False),
    Column("kind", WORD, nullable=False),
    Column("legacy", LONG),
    Column("candidate", LONG),
    Column("rule", LONG),
    Column("severity", WORD, nullable=False),
    **OPTIONS,
)

findings = Table(
    "findings",
    metadata,
    Column("route", NAME, primary_key=True),
    Column("fingerprint", ID, primary_key=True),
    Column("causes", LONG, nullable=False),
    Column("first_seen", SECONDS, nullable=False),
    Column("last_seen", SECONDS, nullable=False),
    Column("count", COUNT, nullable=False),
    Column("examples", LONG, nullable=False),
    **OPTIONS,
)
"""Mismatches by all their causes together: groups, as `proxy.store.answers` calls them."""

fields = Table(
    "fields",
    metadata,
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
    Column("value_class", WORD, nullable=False, server_default=""),
    **OPTIONS,
)
"""`field`: the digest of pattern, kind, rule and value class."""


def _counts(name: str, *keys: Column[str] | Column[int] | Column[bytes]) -> Table:
    return Table(
        name,
        metadata,
        Column("width", SMALL, primary_key=True, autoincrement=False),
        Column("start", COUNT, primary_key=True, autoincrement=False),
        Column("route", NAME, primary_key=True),
        *keys,
        Column("count", COUNT, nullable=False),
        **OPTIONS,
    )


verdict_counts = _counts(
    "verdict_counts",
    Column("method", WORD, primary_key=True),
    Column("verdict", WORD, primary_key=True),
    Column("reason", REASON, primary_key=True),
)
failure_counts = _counts(
    "failure_counts",
    Column("system", WORD, primary_key=True),
    Column("kind", WORD, primary_key=True),
)
latency_counts = _counts(
    "latency_counts",
    Column("system", WORD, primary_key=True),
    Column("bucket", SMALL, primary_key=True, autoincrement=False),
)
field_counts = _counts("field_counts", Column("field", DIGEST, primary_key=True))
finding_counts = _counts("finding_counts", Column("fingerprint", ID, primary_key=True))
control_counts = _counts("control_counts", Column("outcome", WORD, primary_key=True))
"""What became of copies to a second legacy."""

noise_counts = Table(
    "noise_counts",
    metadata,
    Column("width", SMALL, primary_key=True, autoincrement=False),
    Column("start", COUNT, primary_key=True, autoincrement=False),
    Column("route", NAME, primary_key=True),
    Column("field", DIGEST, primary_key=True),
    Column("in_both", COUNT, nullable=False),
    Column("in_candidate", COUNT, nullable=False),
    Column("in_control", COUNT, nullable=False),
    **OPTIONS,
)
"""Pairs in which a cause showed: in the candidate and the second legacy, or in one of them alone."""

noises = Table(
    "noises",
    metadata,
    Column("route", NAME, primary_key=True),
    Column("field", DIGEST, primary_key=True),
    Column("pattern", LONG, nullable=False),
    Column("kind", WORD, nullable=False),
    Column("value_class", WORD, nullable=False),
    Column("last_seen", SECONDS, nullable=False),
    Column("examples", LONG, nullable=False),
    **OPTIONS,
)
"""In what legacy differs from a second legacy, with the latest pairs of values."""

decisions = Table(
    "decisions",
    metadata,
    Column("finding", ID, primary_key=True),
    Column("route", NAME, nullable=False),
    Column("decision", WORD, nullable=False),
    Column("at", SECONDS, nullable=False),
    Column("actor", NAME, nullable=False),
    Column("reason", LONG, nullable=False),
    Column("until", SECONDS),
    **OPTIONS,
)
"""The latest decision about each finding; all of them are in the audit log."""

spans = Table(
    "spans",
    metadata,
    Column("route", NAME, primary_key=True),
    Column("first_seen", SECONDS, nullable=False),
    Column("last_seen", SECONDS, nullable=False),
    **OPTIONS,
)
"""When the first and the last exchange of a route began, kept or not."""

volumes = Table(
    "volumes",
    metadata,
    Column("start", COUNT, primary_key=True, autoincrement=False),
    Column("exchanges", COUNT, nullable=False),
    Column("bytes", COUNT, nullable=False),
    **OPTIONS,
)
"""What the exchanges of each minute need in exchanges, observations, differences and bodies, about."""

tallies = Table(
    "tallies",
    metadata,
    Column("source", NAME, primary_key=True),
    Column("name", ID, primary_key=True),
    Column("label", NAME, primary_key=True),
    Column("value", COUNT, nullable=False),
    Column("at", SECONDS, nullable=False),
    **OPTIONS,
)

_AUDIT = OPTIONS | {"sqlite_with_rowid": True}
audit = Table(
    "audit",
    metadata,
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
    **_AUDIT,
)
"""Only ever added to, by `proxy.store.audit`. Where it ends is kept in `meta` also."""

pins = Table(
    "pins",
    metadata,
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
    Index("pins_by_end", "expires"),
    Index("pins_by_held", "held"),
    **OPTIONS,
)

owners = Table(
    "owners",
    metadata,
    Column("id", WORD, primary_key=True),
    Column("entity", NAME, nullable=False),
    Column("system", WORD, nullable=False),
    Column("backend", NAME, nullable=False),
    Column("is_disputed", YES, nullable=False),
    Column("at", SECONDS, nullable=False),
    Index("owners_by_entity", "entity", "system", "at"),
    **OPTIONS,
)

unknown_outcomes = Table(
    "unknown_outcomes",
    metadata,
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
    Index("unknown_outcomes_by_time", "resolved_at", "at"),
    **OPTIONS,
)

recordings = Table(
    "recordings",
    metadata,
    Column("route", NAME, primary_key=True),
    Column("rule", LONG, nullable=False),
    Column("since", SECONDS, nullable=False),
    **OPTIONS,
)
"""Since when each route's writes have been pinned by one rule without a gap."""
twins = Table(
    "twins",
    metadata,
    Column("backend", NAME, primary_key=True),
    Column("token", ID, primary_key=True),
    Column("entity", NAME, nullable=False),
    Column("twin", NAME),
    Column("twin_token", ID),
    Column("gap", ID),
    Column("finding", ID),
    Column("at", SECONDS, nullable=False),
    Index("twins_by_twin", "backend", "twin_token"),
    Index("twins_by_time", "at"),
    **OPTIONS,
)

sandboxes = Table(
    "sandboxes",
    metadata,
    Column("backend", NAME, primary_key=True),
    Column("stopped", SECONDS),
    Column("reason", NAME),
    Column("gap_at", SECONDS),
    **OPTIONS,
)
