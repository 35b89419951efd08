"""In which steps of k a day was shown before k was changed."""

import sqlalchemy as sa
from alembic import op

revision = "workspace_0004"
down_revision = "workspace_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; no day was shown in steps of another k than today's before."""
    op.add_column("stream_days", sa.Column("steps", sa.Text()))
