"""Which platforms ring for an account, as rows: whom to ask next, and what came of it.

A platform that does not ring, or will not, stops nothing: figures and comments are read all the same, only later.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from contentdesk.channels import registry
from contentdesk.channels.abilities import Subscribed, Subscribes
from contentdesk.channels.base import ChannelError, Login, TryLater
from contentdesk.channels.models import Account, AccountState, RingSubscription
from contentdesk.channels.services import login_of
from contentdesk.lib.crypto import Box
from contentdesk.lib.db import db
from contentdesk.lib.i18n import N_

LEASE = timedelta(minutes=10)
"""Longer than the call can take."""
ASKS_WITHIN = timedelta(hours=1)
"""So long a platform has to ask our address back; then it is wished for again."""
RENEWED_AT = 0.75
"""After this part of what it is good for it is asked again."""
FIRST_WAIT, LONGEST_WAIT = timedelta(hours=1), timedelta(days=1)
ASKS_BACK = N_("%(platform)s sudah diminta memberi kabar dan masih memeriksa alamat layanan ini.")
BELL = "/dering/"
"""Before the kind of channel: the address at which platforms ring."""


@dataclass(frozen=True)
class Asked:
    """A wish in hand, until `lease`."""

    account_id: str
    channel: Subscribes
    login: Login
    lease: datetime

    @property
    def kind(self) -> str:
        return self.login.kind


def channel_of(account: Account) -> Subscribes | None:
    """None: nobody rings for accounts of this kind one by one."""
    channel = registry.KINDS.get(account.kind)
    return channel if isinstance(channel, Subscribes) and not account.by_hand else None


def due(now: datetime, doors: Collection[str] | None = None, limit: int = 50) -> list[str]:
    """Ids of working accounts that nobody has asked for yet, or whose time has come again.

    `doors`: through which ways of signing in a platform can be asked at all. None: all.
    """
    kinds = [kind for kind, channel in registry.KINDS.items() if isinstance(channel, Subscribes)]
    query = (
        select(Account.id)
        .outerjoin(RingSubscription, RingSubscription.account_id == Account.id)
        .where(
            Account.kind.in_(kinds),
            Account.state == AccountState.CONNECTED,
            Account.by_hand.is_(False),
            Account.token_sealed.is_not(None),
            func.coalesce(Account.via, Account.kind).in_(kinds if doors is None else doors),
            or_(RingSubscription.again_at.is_(None), RingSubscription.again_at <= now),
        )
        .order_by(RingSubscription.again_at, Account.id)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def take(account_id: str, box: Box, now: datetime) -> Asked | None:
    """Takes the wish in hand. None: it is not due, or somebody else has it."""
    account = db.session.get(Account, account_id)
    channel = channel_of(account) if account is not None else None
    if account is None or channel is None or account.state != AccountState.CONNECTED or account.token_sealed is None:
        return None
    if not (_next(account_id, now) or _first(account_id, now)):
        return None
    return Asked(account_id, channel, login_of(account, box), now + LEASE)


def _next(account_id: str, now: datetime) -> bool:
    return _change(account_id, RingSubscription.again_at <= now, again_at=now + LEASE)


def _first(account_id: str, now: datetime) -> bool:
    """False: there is a row already, and it is not due."""
    try:
        with db.session.begin_nested():
            db.session.execute(insert(RingSubscription).values(account_id=account_id, again_at=now + LEASE))
    except IntegrityError:
        return False
    return True


def keep(asked: Asked, came: Subscribed, now: datetime) -> None:
    """The platform took the wish. Where it asks our address first, nothing rings before that (`confirmed`)."""
    if came.asks_back:
        _later(asked, now, ASKS_WITHIN, ASKS_BACK, {"platform": registry.name(asked.kind)})
    else:
        _rings(asked.account_id, now, None, now + came.good_for * RENEWED_AT)


def confirmed(kind: str, external_id: str, lease: timedelta, now: datetime) -> None:
    """The platform has asked our address, and rings from now on until the lease ends."""
    account_id = db.session.scalar(
        select(Account.id).where(
            Account.kind == kind, Account.external_id == external_id, Account.state == AccountState.CONNECTED
        )
    )
    if account_id is not None:
        _rings(account_id, now, now + lease, now + lease * RENEWED_AT)


def refused(asked: Asked, error: ChannelError, now: datetime) -> None:
    """Noted for the account's page, and tried again later, each time twice as late."""
    wait = error.after if isinstance(error, TryLater) else timedelta()
    _later(asked, now, wait, error.sentence, error.values)


def _rings(account_id: str, now: datetime, until: datetime | None, again_at: datetime) -> None:
    since = func.coalesce(RingSubscription.since, now)
    _change(account_id, since=since, until=until, again_at=again_at, tries=0, problem=None, problem_values={})


def _later(asked: Asked, now: datetime, at_least: timedelta, sentence: str, values: Mapping[str, object]) -> None:
    """Unless somebody else has the row by now, or the platform has asked our address meanwhile."""
    row = db.session.get(RingSubscription, asked.account_id, populate_existing=True)
    if row is None:  # connected anew, or closed
        return
    wait = min(FIRST_WAIT * 2 ** min(row.tries, 10), LONGEST_WAIT)
    words = {name: value if isinstance(value, int | float) else str(value) for name, value in values.items()}
    _change(
        asked.account_id,
        RingSubscription.again_at == asked.lease,
        again_at=now + max(at_least, wait),
        tries=row.tries + 1,
        problem=sentence,
        problem_values=words,
    )


def _change(account_id: str, *where: ColumnElement[bool], **values: object) -> bool:
    changed = db.session.scalar(
        update(RingSubscription)
        .where(RingSubscription.account_id == account_id, *where)
        .values(**values)
        .returning(RingSubscription.account_id)
        .execution_options(synchronize_session=False)
    )
    return changed is not None


def of(account: Account) -> RingSubscription | None:
    return db.session.get(RingSubscription, account.id, populate_existing=True)


def rings_now(row: RingSubscription | None, now: datetime) -> bool:
    """Whether the platform rings, as far as we know: the wish was taken, its lease has not ended, nothing was refused
    since.
    """
    if row is None or row.since is None:
        return False
    return row.until > now if row.until is not None else row.problem is None
