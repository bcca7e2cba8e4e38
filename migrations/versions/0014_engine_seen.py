"""what the page and the figures of the publishing engine are read by

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NOT_OUT = sa.text("state NOT IN ('accepted', 'sent', 'unknown', 'failed', 'expired', 'cancelled')")
SENT = sa.text("sent_at IS NOT NULL")
ENDED = sa.text("what IN ('failed', 'expired')")


def upgrade() -> None:
    """Small ones: of what is not out yet, of what is out, of what did not go out."""
    op.create_index("ix_deliveries_not_out", "deliveries", ["due_at"], sqlite_where=NOT_OUT, postgresql_where=NOT_OUT)
    op.create_index("ix_deliveries_sent", "deliveries", ["sent_at"], sqlite_where=SENT, postgresql_where=SENT)
    op.create_index("ix_delivery_events_ended", "delivery_events", ["at"], sqlite_where=ENDED, postgresql_where=ENDED)


def downgrade() -> None:
    op.drop_index("ix_delivery_events_ended", "delivery_events")
    op.drop_index("ix_deliveries_sent", "deliveries")
    op.drop_index("ix_deliveries_not_out", "deliveries")
