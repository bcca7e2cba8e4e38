"""What a platform's webhook rings for: figures and open outcomes are asked for sooner. What it says is not believed.

A ring is written down in the transaction of its work: work that fails leaves no mark, so what the platform sends again
is heard, and what was heard does nothing a second time. Channels refuse what is older than the marks are kept.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from contentdesk.channels.abilities import Event
from contentdesk.channels.models import Account, AccountState
from contentdesk.lib import ids
from contentdesk.lib.db import db
from contentdesk.metrics import plan
from contentdesk.metrics.models import HeardRing, LatestFigures
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState

OPEN = (DeliveryState.UNKNOWN, DeliveryState.ACCEPTED)
REMEMBERED = timedelta(days=4)
"""Longer than any platform repeats a call that it believes lost (Meta: 36 hours, TikTok: 72 hours)."""


def hear(kind: str, raw: bytes, events: Sequence[Event], now: datetime) -> list[str]:
    """Makes due what the events are about; ids of the accounts to ring for. An account we do not know is nothing.

    `raw`: the signed bytes. The same ones once more do nothing.
    """
    if not _is_new(kind, raw, now):
        return []
    accounts = _accounts(kind, events)
    posts = {event.post_id for event in events if event.post_id}
    _look_sooner(accounts, now)
    return [account_id for account_id in accounts if _ask_sooner(account_id, posts, now)]


def _is_new(kind: str, raw: bytes, now: datetime) -> bool:
    """Of two that come at once, the second waits for the first, and for what became of it."""
    try:
        with db.session.begin_nested():
            db.session.execute(insert(HeardRing).values(mark=f"{kind}:{ids.digest(raw)}", heard_at=now))
    except IntegrityError:
        return False
    return True


def forget_old(now: datetime) -> None:
    """So old, nothing is taken from a platform any more."""
    db.session.execute(
        delete(HeardRing).where(HeardRing.heard_at < now - REMEMBERED).execution_options(synchronize_session=False)
    )


def _accounts(kind: str, events: Sequence[Event]) -> list[str]:
    """A platform may ring for accounts of another channel too."""
    named = {(event.kind or kind, event.external_id) for event in events}
    query = select(Account.id, Account.kind, Account.external_id).where(
        Account.kind.in_({kind for kind, _id in named}),
        Account.external_id.in_({external_id for _kind, external_id in named}),
        Account.state == AccountState.CONNECTED,
    )
    found = db.session.execute(query.order_by(Account.id))
    return [account_id for account_id, *rest in found if tuple(rest) in named]


def _look_sooner(account_ids: Sequence[str], now: datetime) -> None:
    """Whether an open outcome has become known is read from the platform, by the beat's next round."""
    db.session.execute(
        update(Delivery)
        .where(Delivery.account_id.in_(account_ids), Delivery.state.in_(OPEN), Delivery.next_at > now)
        .values(next_at=now)
        .execution_options(synchronize_session=False)
    )


def _ask_sooner(account_id: str, posts: Collection[str], now: datetime) -> bool:
    """At most once a minute for each post, however often the platform rings."""
    theirs = select(Delivery.id).where(
        Delivery.account_id == account_id, Delivery.external_id.in_(posts), Delivery.state == DeliveryState.SENT
    )
    rested = or_(LatestFigures.asked_at.is_(None), LatestFigures.asked_at <= now - plan.AT_LEAST_APART)
    changed = db.session.execute(
        update(LatestFigures)
        .where(
            LatestFigures.delivery_id.in_(theirs),
            or_(LatestFigures.poll_at.is_(None), LatestFigures.poll_at > now),
            rested,
        )
        .values(poll_at=now)
        .returning(LatestFigures.delivery_id)
        .execution_options(synchronize_session=False)
    )
    return bool(changed.all())
