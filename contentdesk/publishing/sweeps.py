"""What the beat does to rows that nobody has in hand: nothing scheduled is ever forgotten."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Subquery, TextClause, case, func, or_, select, union_all, update
from sqlalchemy.orm import InstrumentedAttribute

from contentdesk.lib.db import db
from contentdesk.lib.i18n import N_
from contentdesk.publishing import holds, timeline, too_late
from contentdesk.publishing.models import CAN_EXPIRE, Delivery
from contentdesk.publishing.outcomes import UNKNOWN
from contentdesk.publishing.states import DeliveryState

D = DeliveryState
BATCH = 3000
MOST_LATE = 500
TOGETHER = 50
"""So many go to one worker at a time, and the rest of the last account's."""
OPEN = (D.WAITING, D.PREPARING, D.UNKNOWN, D.ACCEPTED)
LATE = (D.WAITING, D.PREPARING, D.HELD, D.HANDED_OVER)
"""What can come too late. As `CAN_EXPIRE` has it."""
MOST_LOOKED_AT = 3_000
"""Of those that are due, in each state: with more PostgreSQL would rather read the whole table. Only an account with
more than that delays others, until the next round."""
TOO_LATE = N_("Waktu tayang terlewat. Naskah tersimpan. Pilih waktu baru.")


def due(now: datetime) -> list[str]:
    """Ids to ring for: the first of each account, then the second of each, so that who has many due delays nobody.

    Those whose time has come stand before those that are prepared ahead.
    """
    waiting = _soonest_of_each(OPEN, Delivery.next_at, now, MOST_LOOKED_AT)
    is_early = case((waiting.c.due_at > now, 1), else_=0)
    order = (is_early, waiting.c.due_at, waiting.c.next_at, waiting.c.id)
    turn = func.row_number().over(partition_by=waiting.c.account_id, order_by=order).label("turn")
    ranked = select(waiting.c.id, waiting.c.due_at, is_early.label("is_early"), turn).subquery()
    fair = select(ranked.c.id).order_by(ranked.c.is_early, ranked.c.turn, ranked.c.due_at, ranked.c.id)
    return list(db.session.scalars(fair.limit(BATCH)))


def _soonest_of_each(
    states: Iterable[DeliveryState], when: InstrumentedAttribute[datetime], now: datetime, most: int, *where: TextClause
) -> Subquery:
    """What nobody has in hand and whose time in the column `when` has come, up to `most` of each state.

    State by state and in the order of the index: PostgreSQL takes what is out for as likely to wait as the rest, so it
    would read all rows where one comes in question.
    """
    each = [
        select(Delivery.id, Delivery.account_id, Delivery.due_at, Delivery.next_at)
        .where(Delivery.state == state, when <= now, _is_free(now), *where)
        .order_by(when)
        .limit(most)
        .subquery()
        for state in states
    ]
    return union_all(*(select(one) for one in each)).subquery()


def together(delivery_ids: Sequence[str]) -> list[list[str]]:
    """These, in groups for one worker each: an account's stand in one, in their order."""
    rows = db.session.execute(select(Delivery.id, Delivery.account_id).where(Delivery.id.in_(delivery_ids))).tuples()
    account_of = dict(rows.all())
    lanes: dict[str, list[str]] = {}
    for one in delivery_ids:
        if one in account_of:
            lanes.setdefault(account_of[one], []).append(one)
    groups: list[list[str]] = [[]]
    for lane in lanes.values():
        if len(groups[-1]) >= TOGETHER:
            groups.append([])
        groups[-1] += lane
    return groups


def next_due(now: datetime) -> datetime | None:
    """When something will be due next, so that the beat can sleep until then.

    State by state: then each is one look into the index, and not a sorting of all that waits.
    """
    soonest = func.min(Delivery.next_at)
    each = [select(soonest.label("at")).where(Delivery.state == state, Delivery.next_at > now) for state in OPEN]
    found = db.session.scalars(union_all(*each))
    return min((at for at in found if at is not None), default=None)


def has_lost(now: datetime) -> bool:
    """Whether `recover_lost` would find any."""
    lost = select(Delivery.id).where(Delivery.lease_until < now, Delivery.state.in_((D.PREPARING, D.PUBLISHING)))
    return db.session.scalar(lost.limit(1)) is not None


def late(now: datetime) -> list[str]:
    """Ids of what is too late to be useful, some of them if they are many."""
    return list(
        db.session.scalars(select(_soonest_of_each(LATE, Delivery.expires_at, now, MOST_LATE, CAN_EXPIRE).c.id))
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
    """Too late to be useful: it does not go out without a person's word, and its people are told.

    Of what passed while it was held they hear together, when that is released.
    """
    ended = _move(
        Delivery.id.in_(late(now)),
        Delivery.expires_at <= now,
        Delivery.state.in_(LATE),
        _is_free(now),
        what="expired",
        state=D.EXPIRED,
        problem=case((holds.covers(), holds.MISSED), else_=TOO_LATE),
    )
    held = set(db.session.scalars(select(Delivery.id).where(Delivery.id.in_(ended), Delivery.problem == holds.MISSED)))
    too_late.tell_people([one for one in ended if one not in held])
    return ended


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(Delivery.lease.is_(None), Delivery.lease_until < now)


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
