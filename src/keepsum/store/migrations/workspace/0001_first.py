"""The fixed tables of a workspace file."""

import sqlalchemy as sa
from alembic import op

revision = "workspace_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "attachments",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("dialect", sa.Text(), nullable=False),
        sa.Column("database", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("attached_at", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=True),
        sa.Column("backfilled_at", sa.BigInteger(), nullable=True),
        sa.Column("changes_seen", sa.BigInteger(), nullable=True),
        sa.Column("purge_enabled_at", sa.BigInteger(), nullable=True),
        sa.Column("purge_enabled_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("stream"),
    )
    op.create_table(
        "control_sums",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("hi", sa.BigInteger(), nullable=False),
        sa.Column("lo", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "day", "field"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "correction_people",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "day", "fingerprint"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "days",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("tzdata", sa.Text(), nullable=False),
        sa.Column("start_us", sa.BigInteger(), nullable=False),
        sa.Column("end_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "distinct_values",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "field", "fingerprint", "day"),
        sqlite_with_rowid=False,
    )
    op.create_index("distinct_values_of_day", "distinct_values", ["stream", "day"], unique=False)
    op.create_table(
        "generations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rollup", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("definition_hash", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("keep_days", sa.Integer(), nullable=False),
        sa.Column("keep_months", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("table_name"),
    )
    op.create_table(
        "ledger",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=True),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("hash"),
    )
    op.create_index("ledger_of_day", "ledger", ["stream", "day"], unique=False)
    op.create_table(
        "published",
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("largest", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("table_name", "day"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rejects",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "day", "field", "code"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rolled",
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("seal", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("table_name", "day"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "segments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("control", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("file"),
        sqlite_autoincrement=True,
    )
    op.create_index("segments_of_day", "segments", ["stream", "day"], unique=False)
    op.create_table(
        "sequences",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream"),
    )
    op.create_table(
        "stream_days",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("hash_a", sa.Text(), nullable=False),
        sa.Column("hash_b", sa.Text(), nullable=False),
        sa.Column("touched", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.BigInteger(), nullable=True),
        sa.Column("seal", sa.BigInteger(), nullable=True),
        sa.Column("sealed_records", sa.BigInteger(), nullable=True),
        sa.Column("moved", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.Text(), nullable=True),
        sa.Column("held_detail", sa.Text(), nullable=True),
        sa.Column("held_at", sa.BigInteger(), nullable=True),
        sa.Column("accepted", sa.Text(), nullable=True),
        sa.Column("purge", sa.Text(), nullable=True),
        sa.Column("purged_at", sa.BigInteger(), nullable=True),
        sa.Column("late_until", sa.BigInteger(), nullable=True),
        sa.Column("incomplete", sa.BigInteger(), nullable=True),
        sa.Column("uncounted", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "day"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "workspace",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("week_start", sa.Integer(), nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
