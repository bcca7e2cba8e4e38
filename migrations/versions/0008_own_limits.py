"""limits of single accounts, and switches that nobody moved

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An account that was connected before is asked for its limits within the hour.

    In posts of before, every switch counts as moved by a person: none changes by itself.
    """
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("limits", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("limits_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("follows", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    # Not in a batch: SQLite would drop the whole table for it, to which others refer.
    op.drop_column("posts", "follows")
    op.drop_column("accounts", "limits_at")
    op.drop_column("accounts", "limits")
