"""How the publishing engine is: a few bounded reads on indexes, for the operator's page, the figures and the doctor.

What a page shows of 1,000,000 deliveries costs what its few rows cost: each query here begins at a small index.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, and_, case, cast, func, literal_column, or_, select
from sqlalchemy.orm import Mapped, contains_eager

from contentdesk.channels.models import Account, AccountState
from contentdesk.lib.db import db, is_sqlite
from contentdesk.posts.models import Post
from contentdesk.posts.states import PostState
from contentdesk.publishing import holds
from contentdesk.publishing.claims import NO_CONSENT
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import MAY_BE_OUT, NOT_OUT, DeliveryState

D = DeliveryState
LATE_AFTER = timedelta(seconds=60)
"""People plan to the minute."""
OPEN = (*NOT_OUT, D.ACCEPTED, D.UNKNOWN)
NOT_APPROVED, NO_ACCOUNT, MEMBER, HELD, CONSENT, PLATFORM, ENGINE = REASONS = (
    "approval",
    "account",
    "member",
    "held",
    "consent",
    "platform",
    "engine",
)
"""Whose turn it is while a post is late. `engine`: ours, nothing else is in its way."""


@dataclass(frozen=True)
class Late:
    count: int
    oldest_due: datetime


def is_not_out() -> ColumnElement[bool]:
    """Word for word as the index says it, or SQLite would not take it."""
    return Delivery.state.not_in([literal_column(f"'{state}'") for state in MAY_BE_OUT])


def seconds_between(start: Mapped[Any], end: Mapped[Any]) -> ColumnElement[float]:
    if is_sqlite():
        return (func.julianday(end) - func.julianday(start)) * 86400.0
    return cast(func.date_part("epoch", end) - func.date_part("epoch", start), Float)


def reason() -> ColumnElement[str]:
    """Why a late delivery is not out, as one of `REASONS`. For queries with its account and post."""
    return case(
        (holds.covers(), HELD),
        (Delivery.state == D.HANDED_OVER, MEMBER),
        (Delivery.state == D.PUBLISHING, ENGINE),
        (Account.state != AccountState.CONNECTED, NO_ACCOUNT),
        (or_(Post.state != PostState.SCHEDULED, _is_edited()), NOT_APPROVED),
        (Delivery.problem == NO_CONSENT, CONSENT),
        (Delivery.tries > 0, PLATFORM),
        else_=ENGINE,
    )


def _is_edited() -> ColumnElement[bool]:
    return Post.newest_number.is_distinct_from(Post.approved_number)


def open_by_state() -> dict[str, int]:
    query = select(Delivery.state, func.count()).where(Delivery.state.in_(OPEN)).group_by(Delivery.state)
    return dict.fromkeys(OPEN, 0) | dict(db.session.execute(query).tuples().all())


def due_count(start: datetime | None, end: datetime) -> int:
    """Not out, and due in this time; `start` None: at any time before its end."""
    query = select(func.count()).select_from(Delivery).where(is_not_out(), Delivery.due_at <= end)
    if start is not None:
        query = query.where(Delivery.due_at > start)
    return db.session.scalar(query) or 0


def due_soon(start: datetime, end: datetime, limit: int) -> list[Delivery]:
    """With account and post, the next first."""
    query = _with_account_and_post().where(is_not_out(), Delivery.due_at > start, Delivery.due_at <= end)
    return list(db.session.scalars(query.order_by(Delivery.due_at).limit(limit)))


def _with_account_and_post() -> Select[Delivery]:
    both = (contains_eager(Delivery.account), contains_eager(Delivery.post))
    return select(Delivery).join(Delivery.account).join(Delivery.post).options(*both)


def _is_late(now: datetime) -> ColumnElement[bool]:
    return and_(is_not_out(), Delivery.due_at <= now - LATE_AFTER)


def late_by_reason(now: datetime) -> dict[str, Late]:
    each = select(reason().label("reason"), Delivery.due_at).join(Delivery.account).join(Delivery.post)
    rows = each.where(_is_late(now)).subquery()
    query = select(rows.c.reason, func.count(), func.min(rows.c.due_at)).group_by(rows.c.reason)
    return {word: Late(count, oldest) for word, count, oldest in db.session.execute(query)}


def late(now: datetime, limit: int) -> list[tuple[Delivery, str]]:
    """The longest waiting first, each with its reason."""
    query = _with_account_and_post().add_columns(reason()).where(_is_late(now))
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(Delivery.due_at).limit(limit))]


def unknown(limit: int) -> list[Delivery]:
    """Of which nobody knows whether they are public, the oldest first."""
    query = _with_account_and_post().where(Delivery.state == D.UNKNOWN)
    return list(db.session.scalars(query.order_by(Delivery.intent_at, Delivery.id).limit(limit)))


def accounts_by_kind() -> dict[str, int]:
    """Accounts that are not closed."""
    query = select(Account.kind, func.count()).where(Account.state != AccountState.CLOSED).group_by(Account.kind)
    return dict(db.session.execute(query).tuples().all())


def oldest(lates: Mapping[str, Late], reasons: Sequence[str] = REASONS) -> datetime | None:
    return min((lates[word].oldest_due for word in reasons if word in lates), default=None)
