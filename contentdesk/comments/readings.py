"""When the comments of a post are read again, and how the last reading went."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from contentdesk.comments.models import CommentReading
from contentdesk.lib.db import db, is_sqlite

AT_LEAST_APART = timedelta(hours=1)
"""Between two readings while the platform counts the same: one may have been deleted and another written."""


def of(delivery_ids: Sequence[str]) -> dict[str, CommentReading]:
    rows = db.session.scalars(select(CommentReading).where(CommentReading.delivery_id.in_(delivery_ids)))
    return {row.delivery_id: row for row in rows}


def is_due(last: CommentReading | None, count: int | None, now: datetime) -> bool:
    """`count` is what the platform counts now; None: it does not say."""
    if last is None or last.read_at is None:
        return count != 0
    if last.failures or last.counted != count:
        return True
    return count != 0 and now - last.read_at >= AT_LEAST_APART


def done(delivery_id: str, count: int | None, now: datetime) -> None:
    _change(delivery_id, read_at=now, counted=count, failures=0)


def failed(delivery_id: str) -> None:
    """It is owed: read again at the next opportunity, whatever the platform counts then."""
    _change(delivery_id, failures=CommentReading.failures + 1)


def _change(delivery_id: str, **values: object) -> None:
    """Two workers may meet here: the row is made once."""
    insert = sqlite.insert if is_sqlite() else postgresql.insert
    db.session.execute(insert(CommentReading).values(delivery_id=delivery_id, failures=0).on_conflict_do_nothing())
    db.session.execute(
        update(CommentReading)
        .where(CommentReading.delivery_id == delivery_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
