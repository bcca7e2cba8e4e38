"""The timeline of a delivery: who, what, when, which answer. Secrets never get here."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.publishing.models import DeliveryEvent

_ADD = insert(DeliveryEvent)


def note(delivery_id: str, what: str, actor_id: str | None = None, **detail: Any) -> None:
    """Adds one line, in the transaction of the act itself."""
    line = {"delivery_id": delivery_id, "at": clock.now(), "what": what, "actor_id": actor_id, "detail": detail}
    db.session.connection().execute(_ADD, line)


def note_all(delivery_ids: Iterable[str], what: str) -> None:
    """The same line for many, in one statement."""
    now = clock.now()
    lines = [{"delivery_id": one, "at": now, "what": what, "detail": {}} for one in delivery_ids]
    if lines:
        db.session.connection().execute(_ADD, lines)


def has(delivery_id: str, what: str, since: datetime | None) -> bool:
    """Whether such a line was added at `since` or later; None: at any time."""
    query = select(DeliveryEvent.number).where(DeliveryEvent.delivery_id == delivery_id, DeliveryEvent.what == what)
    if since is not None:
        query = query.where(DeliveryEvent.at >= since)
    return db.session.scalar(query.limit(1)) is not None
