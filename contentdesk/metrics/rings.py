"""What a platform's webhook rings for: figures and open outcomes are asked for sooner. What it says is not believed."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select, update

from contentdesk.channels.abilities import Event
from contentdesk.channels.models import Account, AccountState
from contentdesk.lib.db import db
from contentdesk.metrics import plan
from contentdesk.metrics.models import LatestFigures
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState

OPEN = (DeliveryState.UNKNOWN, DeliveryState.ACCEPTED)


def hear(kind: str, events: Sequence[Event], now: datetime) -> list[str]:
    """Makes due what the events are about; ids of the accounts to ring for. An account we do not know is nothing."""
    accounts = _accounts(kind, {event.external_id for event in events})
    posts = {event.post_id for event in events if event.post_id}
    _look_sooner(accounts, now)
    return [account_id for account_id in accounts if _ask_sooner(account_id, posts, now)]


def _accounts(kind: str, external_ids: Collection[str]) -> list[str]:
    query = select(Account.id).where(
        Account.kind == kind, Account.external_id.in_(external_ids), Account.state == AccountState.CONNECTED
    )
    return list(db.session.scalars(query.order_by(Account.id)))


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
