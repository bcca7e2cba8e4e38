"""rings of platforms, and warnings for each post

Revision ID: 0007
Revises: 0006
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _heard_rings()
    _warnings_of_each_post()
    _reading_ends()
    _subscriptions()


def _heard_rings() -> None:
    op.create_table(
        "heard_rings",
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_heard_rings")),
    )
    with op.batch_alter_table("heard_rings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_heard_rings_heard_at"), ["heard_at"], unique=False)


def _warnings_of_each_post() -> None:
    """Who heard for an account has heard for the posts that were planned then."""
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE deliveries SET warned_at = (SELECT accounts.warned_at FROM accounts "
        "WHERE accounts.id = deliveries.account_id AND accounts.warned_at >= deliveries.created_at)"
    )
    # Not in a batch: SQLite would drop the whole table for it, to which others refer.
    op.drop_column("accounts", "warned_at")


def _reading_ends() -> None:
    """It stood among the details of a sign-in, where nobody was warned of it."""
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("access_ends_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("access_warned_at", sa.DateTime(timezone=True), nullable=True))
    accounts = sa.table(
        "accounts",
        sa.column("id", sa.String()),
        sa.column("details", sa.JSON()),
        sa.column("access_ends_at", sa.DateTime(timezone=True)),
    )
    connection = op.get_bind()
    for account_id, details in connection.execute(sa.select(accounts.c.id, accounts.c.details)).all():
        ends = (details or {}).get("data_access_expires_at")
        if ends:
            moment = datetime.fromisoformat(ends).astimezone(UTC)
            connection.execute(
                sa.update(accounts).where(accounts.c.id == account_id).values(access_ends_at=moment)
            )


def _subscriptions() -> None:
    """No row: the platform is asked at the next round."""
    op.create_table(
        "ring_subscriptions",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("again_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("problem_values", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_ring_subscriptions_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_ring_subscriptions")),
    )
    with op.batch_alter_table("ring_subscriptions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ring_subscriptions_again_at"), ["again_at"], unique=False)


def downgrade() -> None:
    op.drop_table("ring_subscriptions")
    op.drop_column("accounts", "access_warned_at")
    op.drop_column("accounts", "access_ends_at")
    op.add_column("accounts", sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_column("deliveries", "warned_at")
    op.drop_table("heard_rings")
