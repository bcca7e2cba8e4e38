"""video

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is there are photos, and they are ready: the defaults say so."""
    with op.batch_alter_table("assets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("media", sa.String(), nullable=False, server_default="photo"))
        batch_op.add_column(sa.Column("state", sa.String(), nullable=False, server_default="ready"))
        batch_op.add_column(sa.Column("problem", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("seconds", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("fps", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("lease", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_index(
            "ix_assets_preparing",
            ["created_at"],
            unique=False,
            sqlite_where=sa.text("state = 'preparing'"),
            postgresql_where=sa.text("state = 'preparing'"),
        )
    with op.batch_alter_table("renditions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seconds", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("fps", sa.Double(), nullable=True))
    with op.batch_alter_table("revision_files", schema=None) as batch_op:
        batch_op.add_column(sa.Column("media", sa.String(), nullable=False, server_default="photo"))
        batch_op.add_column(sa.Column("seconds", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("fps", sa.Double(), nullable=True))
