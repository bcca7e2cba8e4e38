"""The timeline of a delivery: who, what, when, which answer. Secrets never get here."""

from typing import Any

from contentdesk.lib.db import db
from contentdesk.publishing.models import DeliveryEvent


def note(delivery_id: str, what: str, actor_id: str | None = None, **detail: Any) -> None:
    """Adds one line, in the transaction of the act itself."""
    db.session.add(DeliveryEvent(delivery_id=delivery_id, what=what, actor_id=actor_id, detail=detail))
