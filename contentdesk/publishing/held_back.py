"""Why a post whose time has come stays here: a line of its timeline, once for each reason."""

from datetime import datetime

from sqlalchemy import select

from contentdesk.lib.db import db
from contentdesk.publishing import timeline
from contentdesk.publishing.claims import NO_ACCOUNT, NO_CONSENT, NO_PERMISSION, NOT_APPROVED
from contentdesk.publishing.holds import HELD
from contentdesk.publishing.models import Delivery, DeliveryEvent
from contentdesk.publishing.states import DeliveryState

WHAT = "held_back"
REASONS = (NO_CONSENT, NO_ACCOUNT, NO_PERMISSION, NOT_APPROVED, HELD)
_NEWS = (WHAT, "planned")
"""After a new plan the same reason is worth telling again."""


def note(delivery_id: str, now: datetime) -> None:
    """After `claims.defer`, however often that is called."""
    problem = db.session.scalar(
        select(Delivery.problem).where(
            Delivery.id == delivery_id,
            Delivery.state.in_((DeliveryState.WAITING, DeliveryState.PREPARING)),
            Delivery.due_at <= now,
            Delivery.problem.in_(REASONS),
        )
    )
    if problem and problem != _last_told(delivery_id):
        timeline.note(delivery_id, WHAT, said=problem)


def _last_told(delivery_id: str) -> str | None:
    last = db.session.scalar(
        select(DeliveryEvent)
        .where(DeliveryEvent.delivery_id == delivery_id, DeliveryEvent.what.in_(_NEWS))
        .order_by(DeliveryEvent.number.desc())
        .limit(1)
    )
    return last.detail.get("said") if last else None
