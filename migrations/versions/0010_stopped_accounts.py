"""since when an account does not work

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """For those that do not work now, the log knows since when."""
    op.add_column("accounts", sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE accounts SET stopped_at = (SELECT max(audit_entries.at) FROM audit_entries "
        "WHERE audit_entries.subject_type = 'account' AND audit_entries.subject_id = accounts.id "
        "AND audit_entries.action = 'account.' || accounts.state) "
        "WHERE accounts.state IN ('expired', 'not_allowed')"
    )


def downgrade() -> None:
    # Not in a batch: SQLite would drop the whole table for it, to which others refer.
    op.drop_column("accounts", "stopped_at")
