"""The timeline of a delivery: who, what, when, which answer. Secrets never get here."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from contentdesk.lib.db import db
from contentdesk.publishing.models import DeliveryEvent


def note(delivery_id: str, what: str, actor_id: str | None = None, **detail: Any) -> None:
    """Adds one line, in the transaction of the act itself."""
    db.session.add(DeliveryEvent(delivery_id=delivery_id, what=what, actor_id=actor_id, detail=detail))


def newest(delivery_id: str) -> DeliveryEvent | None:
    query = select(DeliveryEvent).where(DeliveryEvent.delivery_id == delivery_id)
    return db.session.scalar(query.order_by(DeliveryEvent.number.desc()).limit(1))


def has(delivery_id: str, what: str, since: datetime | None) -> bool:
    """Whether such a line was added at `since` or later; None: at any time."""
    query = select(DeliveryEvent.number).where(DeliveryEvent.delivery_id == delivery_id, DeliveryEvent.what == what)
    if since is not None:
        query = query.where(DeliveryEvent.at >= since)
    return db.session.scalar(query.limit(1)) is not None
