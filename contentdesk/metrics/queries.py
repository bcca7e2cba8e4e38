"""Reading figures and finding what is due."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from contentdesk.channels.models import Account, AccountState
from contentdesk.lib.db import db
from contentdesk.lib.errors import NotFound
from contentdesk.metrics.models import LatestFigures, Sample
from contentdesk.posts.models import Post
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.publishing.take_downs import to_go_ids
from contentdesk.users.models import User

WITNESSES = 3
"""One of them may have been deleted by a person without a word."""
BATCH = 25
"""About so many posts a job takes at once: each may cost a call that takes half a minute."""
MISSING = 200
"""So many that are not followed yet are looked for at once."""


_ASKED = (Account.state == AccountState.CONNECTED, Account.by_hand.is_(False), Delivery.gone_at.is_(None))
"""Accounts that can be asked, and posts that are there. An account that members keep by now has no key, and may have
posts from before."""


def due_polls(now: datetime, limit: int = 1000) -> dict[str, list[str]]:
    """Account id -> ids of its due deliveries, the longest due first: one call to a platform serves many posts.

    Rows of an account that has to be connected again stay due and come as soon as it works.
    """
    rows = db.session.execute(
        select(Delivery.account_id, LatestFigures.delivery_id)
        .join(LatestFigures.delivery)
        .join(Delivery.account)
        .where(LatestFigures.poll_at <= now, *_ASKED)
        .order_by(LatestFigures.poll_at)
        .limit(limit)
    )
    due: dict[str, list[str]] = {}
    for account_id, delivery_id in rows:
        due.setdefault(account_id, []).append(delivery_id)
    return due


def has_due(account_id: str, now: datetime) -> bool:
    """Whether there is more to ask for this account now."""
    found = db.session.scalar(
        select(LatestFigures.delivery_id)
        .join(LatestFigures.delivery)
        .join(Delivery.account)
        .where(Account.id == account_id, LatestFigures.poll_at <= now, *_ASKED)
        .limit(1)
    )
    return found is not None


def due_of_account(account_id: str, now: datetime, most: int) -> Select[str]:
    """The ids to claim in one go, as a query. Where rows can be locked, those of another worker are passed over."""
    return (
        select(LatestFigures.delivery_id)
        .join(LatestFigures.delivery)
        .where(Delivery.account_id == account_id, LatestFigures.poll_at <= now, Delivery.gone_at.is_(None))
        .order_by(LatestFigures.poll_at)
        .limit(most)
        .with_for_update(skip_locked=True, of=LatestFigures)
    )


def sent_without_row(since: datetime) -> Sequence[Delivery]:
    """What is out but not yet followed, of those planned after `since` (by the index on state and time)."""
    return db.session.scalars(
        select(Delivery)
        .outerjoin(LatestFigures, LatestFigures.delivery_id == Delivery.id)
        .where(
            Delivery.state == DeliveryState.SENT,
            Delivery.next_at >= since,
            Delivery.sent_at.is_not(None),
            LatestFigures.delivery_id.is_(None),
        )
        .options(joinedload(Delivery.account))
        .order_by(Delivery.next_at)
        .limit(MISSING)
    ).all()


def sent_delivery(delivery_id: str) -> Delivery:
    """With account, post and KIM. NotFound unless it is out."""
    found = db.session.scalar(
        select(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state == DeliveryState.SENT, Delivery.sent_at.is_not(None))
        .options(joinedload(Delivery.account), joinedload(Delivery.post).joinedload(Post.kim))
    )
    if found is None:
        raise NotFound()
    return found


def to_look_for() -> list[str]:
    """Ids of deliveries that have to be taken down and whose platform can be asked whether they still are there.

    In two queries: in one, a database may begin with all that is out, though nothing has to go.
    """
    to_go = db.session.scalars(to_go_ids()).all()
    return list(db.session.scalars(_told_of(Delivery.id).where(Delivery.id.in_(to_go)))) if to_go else []


def is_to_look_for(delivery_id: str) -> bool:
    told = _told_of(Delivery.id).where(Delivery.id == delivery_id, Delivery.id.in_(to_go_ids()))
    return db.session.scalar(told) is not None


def witnesses(account_id: str) -> list[str]:
    """Ids at the platform of the account's newest posts that are there, as far as is known, and may stay."""
    query = _told_of(Delivery.external_id).where(Account.id == account_id, Delivery.id.not_in(to_go_ids()))
    return list(db.session.scalars(query.order_by(Delivery.sent_at.desc()).limit(WITNESSES)))


def _told_of(column: InstrumentedAttribute[Any]) -> Select[Any]:
    """Of what is out and the platform told of before: what it never told of may as well be late."""
    return (
        select(column)
        .join(Delivery.account)
        .join(LatestFigures, LatestFigures.delivery_id == Delivery.id)
        .where(
            Delivery.state == DeliveryState.SENT,
            Delivery.external_id.is_not(None),
            LatestFigures.source == "api",
            *_ASKED,
        )
    )


def account(account_id: str) -> Account | None:
    return db.session.get(Account, account_id)


def latest(delivery_id: str) -> LatestFigures | None:
    return db.session.get(LatestFigures, delivery_id)


def latest_of(delivery_ids: Sequence[str]) -> dict[str, LatestFigures]:
    """By delivery id, in one query. What is missing there is not known."""
    rows = db.session.scalars(select(LatestFigures).where(LatestFigures.delivery_id.in_(delivery_ids)))
    return {row.delivery_id: row for row in rows}


def samples_by_hand(delivery_id: str, limit: int = 10) -> list[tuple[Sample, str | None]]:
    """What people entered, newest entry first, each with the name of who did."""
    rows = db.session.execute(
        select(Sample, User.name)
        .outerjoin(User, User.id == Sample.entered_by)
        .where(Sample.delivery_id == delivery_id, Sample.entered_by.is_not(None))
        .order_by(Sample.number.desc())
        .limit(limit)
    )
    return [(sample, name) for sample, name in rows]
