"""indexes for the rounds of the beat: deliveries by when they are too late, videos by age

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

VIDEO = sa.text("media = 'video'")
CAN_EXPIRE = sa.text("state IN ('waiting', 'preparing', 'held', 'handed_over')")


def upgrade() -> None:
    """Without it the beat read each planned delivery once a second."""
    op.create_index(
        "ix_deliveries_late",
        "deliveries",
        ["state", "expires_at"],
        sqlite_where=CAN_EXPIRE,
        postgresql_where=CAN_EXPIRE,
    )
    op.create_index("ix_assets_videos", "assets", ["created_at"], sqlite_where=VIDEO, postgresql_where=VIDEO)


def downgrade() -> None:
    op.drop_index("ix_assets_videos", table_name="assets")
    op.drop_index("ix_deliveries_late", table_name="deliveries")
