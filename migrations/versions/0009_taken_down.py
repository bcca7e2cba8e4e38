"""posts that were taken down, and answers to reviewers

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was out before is taken to be there still."""
    # With SQLite a column with a foreign key is added in words: batch mode would make the table anew, and others
    # point to it.
    op.add_column("deliveries", sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "ALTER TABLE deliveries ADD COLUMN gone_by VARCHAR CONSTRAINT fk_deliveries_gone_by_users REFERENCES users (id)"
    )
    op.add_column("deliveries", sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "answers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("review_id", sa.String(), nullable=False),
        sa.Column("revision_id", sa.String(), nullable=False),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=op.f("fk_answers_review_id_reviews")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_answers_revision_id_revisions")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_answers_author_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
    )
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answers_review_id"), ["review_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_answers_revision_id"), ["revision_id"], unique=False)


def downgrade() -> None:
    op.drop_table("answers")
    for name in ("missing_since", "gone_by", "gone_at"):
        op.drop_column("deliveries", name)
