"""rings of platforms that were worked

Revision ID: 0007
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heard_rings",
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_heard_rings")),
    )
    with op.batch_alter_table("heard_rings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_heard_rings_heard_at"), ["heard_at"], unique=False)


def downgrade() -> None:
    op.drop_table("heard_rings")
