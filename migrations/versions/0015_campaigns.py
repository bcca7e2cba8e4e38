"""campaigns, and holds of what is in one

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

REFERRING = ("posts", "holds", "hold_parts")


def upgrade() -> None:
    """No post was in one before."""
    op.create_table(
        "campaigns",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_campaigns_made_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
    )
    # With SQLite a column with a foreign key is added in words: batch mode would make the table anew, and others
    # point to it.
    for table in REFERRING:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN campaign_id VARCHAR "
            f"CONSTRAINT fk_{table}_campaign_id_campaigns REFERENCES campaigns (id)"
        )
    op.create_index("ix_posts_campaign_id", "posts", ["campaign_id"])


def downgrade() -> None:
    op.drop_index("ix_posts_campaign_id", "posts")
    for table in REFERRING:
        op.drop_column(table, "campaign_id")
    op.drop_table("campaigns")
