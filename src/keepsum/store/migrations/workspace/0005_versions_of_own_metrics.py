"""Which version a metric is that people made, and who wrote it."""

import sqlalchemy as sa
from alembic import op

revision = "workspace_0005"
down_revision = "workspace_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what is there is a first version, by whoever made it as far as is known."""
    op.add_column("own_metrics", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("own_metrics", sa.Column("changed_by_kind", sa.Text(), nullable=False, server_default=""))
    op.add_column("own_metrics", sa.Column("changed_by", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE own_metrics SET changed_by_kind = owner_kind, changed_by = owner")
