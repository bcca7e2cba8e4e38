"""when comments were read, and which are gone

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Posts with comments were read when the newest of them was seen; what was counted then is not known."""
    op.create_table(
        "comment_readings",
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_comment_readings_delivery_id_deliveries")
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_comment_readings")),
    )
    op.execute(
        "INSERT INTO comment_readings (delivery_id, read_at, counted, failures)"
        " SELECT delivery_id, max(seen_at), NULL, 0 FROM citizen_comments GROUP BY delivery_id"
    )
    with op.batch_alter_table("citizen_comments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("citizen_comments", "gone_at")
    op.drop_table("comment_readings")
