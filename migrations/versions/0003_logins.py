"""logins that are renewed and held by several people

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("refresh_sealed", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("refresh_expires_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("details", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("scopes", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("via", sa.String(), nullable=True))
        for name in ("renewed_at", "renewing_until", "checked_at", "warned_at"):
            batch_op.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("problem_values", sa.JSON(), nullable=False, server_default="{}"))
    _holders()


def _holders() -> None:
    """Who connected an account is the first to hold it."""
    op.create_table(
        "account_holders",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_holders_account_id_accounts")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_account_holders_user_id_users")),
        sa.PrimaryKeyConstraint("account_id", "user_id", name=op.f("pk_account_holders")),
    )
    with op.batch_alter_table("account_holders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_holders_user_id"), ["user_id"], unique=False)
    op.execute(
        "INSERT INTO account_holders (account_id, user_id) "
        "SELECT id, connected_by FROM accounts WHERE connected_by IS NOT NULL AND state <> 'closed'"
    )
