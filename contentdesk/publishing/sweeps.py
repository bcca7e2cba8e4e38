"""What the beat does to rows that nobody has in hand: nothing scheduled is ever forgotten."""

from datetime import datetime

from sqlalchemy import ColumnElement, case, func, or_, select, update

from contentdesk.lib.db import db
from contentdesk.lib.i18n import N_
from contentdesk.notices.services import tell
from contentdesk.publishing import timeline
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.outcomes import UNKNOWN
from contentdesk.publishing.outgoing import load
from contentdesk.publishing.states import DeliveryState

D = DeliveryState
BATCH = 500
MOST_LOOKED_AT = 20_000
"""Of those that are due. So many take 0.1 s to put in order; only an account with more than that delays others."""
TOO_LATE = N_("Waktu tayang terlewat. Naskah tersimpan. Pilih waktu baru.")


def due(now: datetime) -> list[str]:
    """Ids to ring for: the first of each account, then the second of each, so that who has many due delays nobody.

    Those whose time has come stand before those that are prepared ahead.
    """
    waiting = (
        select(Delivery.id, Delivery.account_id, Delivery.due_at, Delivery.next_at)
        .where(
            Delivery.state.in_((D.WAITING, D.PREPARING, D.UNKNOWN, D.ACCEPTED)),
            Delivery.next_at <= now,
            or_(Delivery.lease.is_(None), Delivery.lease_until < now),
        )
        .limit(MOST_LOOKED_AT)
        .subquery()
    )
    is_early = case((waiting.c.due_at > now, 1), else_=0)
    order = (is_early, waiting.c.due_at, waiting.c.next_at, waiting.c.id)
    turn = func.row_number().over(partition_by=waiting.c.account_id, order_by=order).label("turn")
    ranked = select(waiting.c.id, waiting.c.due_at, is_early.label("is_early"), turn).subquery()
    fair = select(ranked.c.id).order_by(ranked.c.is_early, ranked.c.turn, ranked.c.due_at, ranked.c.id)
    return list(db.session.scalars(fair.limit(BATCH)))


def next_due(now: datetime) -> datetime | None:
    """When something will be due next, so that the beat can sleep until then."""
    return db.session.scalar(
        select(Delivery.next_at)
        .where(Delivery.state.in_((D.WAITING, D.PREPARING, D.UNKNOWN, D.ACCEPTED)), Delivery.next_at > now)
        .order_by(Delivery.next_at)
        .limit(1)
    )


def recover_lost(now: datetime) -> int:
    """A worker died. In `preparing` nothing public had happened; in `publishing` it may have: that is looked up."""
    lost = Delivery.lease_until < now
    back = _move(lost, Delivery.state == D.PREPARING, what="worker_lost", state=D.WAITING)
    unknown = _move(
        lost,
        Delivery.state == D.PUBLISHING,
        what="worker_lost_while_publishing",
        state=D.UNKNOWN,
        tries=0,
        next_at=now,
        problem=UNKNOWN,
    )
    return len(back) + len(unknown)


def expire(now: datetime) -> list[str]:
    """Too late to be useful: it does not go out without a person's word, and the author is told."""
    ended = _move(
        Delivery.expires_at <= now,
        Delivery.state.in_((D.WAITING, D.PREPARING, D.HELD, D.HANDED_OVER)),
        or_(Delivery.lease.is_(None), Delivery.lease_until < now),
        what="expired",
        state=D.EXPIRED,
        problem=TOO_LATE,
    )
    for delivery_id in ended:
        delivery = load(delivery_id)
        tell([delivery.post.author_id], TOO_LATE, f"/unggahan/{delivery.post_id}")
    return ended


def _move(*where: ColumnElement[bool], what: str, **values: object) -> list[str]:
    moved = list(
        db.session.scalars(
            update(Delivery)
            .where(*where)
            .values(lease=None, lease_until=None, **values)
            .returning(Delivery.id)
            .execution_options(synchronize_session=False)
        )
    )
    for delivery_id in moved:
        timeline.note(delivery_id, what)
    return moved
