"""Figures of accounts: how many follow, how many were reached, one value for each day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError

from contentdesk.channels import registry
from contentdesk.channels.abilities import AccountStats, MeasuresAccounts
from contentdesk.channels.models import Account, AccountState
from contentdesk.lib.db import db
from contentdesk.metrics.models import AccountSample, possible

SHOWN = timedelta(days=28)
AT_ONCE = 200


def without_sample(day: date) -> Sequence[str]:
    """Ids of accounts that can be asked and were not yet on `day`.

    Those that answered most recently come first, so that servers which do not answer take nobody else's time.
    """
    answered = select(func.max(AccountSample.day)).where(AccountSample.account_id == Account.id).scalar_subquery()
    kinds = [kind for kind, channel in registry.KINDS.items() if isinstance(channel, MeasuresAccounts)]
    query = (
        select(Account.id)
        .where(
            Account.kind.in_(kinds),
            Account.state == AccountState.CONNECTED,
            Account.by_hand.is_(False),
            ~exists().where(AccountSample.account_id == Account.id, AccountSample.day == day),
        )
        .order_by(answered.desc().nulls_last(), Account.id)
        .limit(AT_ONCE)
    )
    return db.session.scalars(query).all()


def record(account_id: str, day: date, stats: AccountStats, taken_at: datetime) -> bool:
    """False: another worker was faster. A day on which the platform said nothing is kept, too: it was asked."""
    figures = {name: possible(getattr(stats, name)) for name in ("followers", "posts", "reach", "views")}
    row = AccountSample(account_id=account_id, day=day, taken_at=taken_at, **figures)
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return False
    return True


def history(account_id: str, today: date) -> Sequence[AccountSample]:
    """Of the last four weeks, oldest first."""
    query = select(AccountSample).where(AccountSample.account_id == account_id, AccountSample.day > today - SHOWN)
    return db.session.scalars(query.order_by(AccountSample.day)).all()


def gained(samples: Sequence[AccountSample], over: timedelta) -> int | None:
    """Followers won since `over` ago; None when either end is not known."""
    if not samples:
        return None
    newest = samples[-1]
    before = [one for one in samples if one.day <= newest.day - over and one.followers is not None]
    if newest.followers is None or not before:
        return None
    return newest.followers - (before[-1].followers or 0)
