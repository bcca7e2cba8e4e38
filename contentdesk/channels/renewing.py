"""Renewing a login, in the pieces between which a platform is asked: take it in hand, keep what came, put it off.

One process at a time: `renewing_until` is set by a conditional UPDATE, and what came is kept only while it still
stands there. A person who signs in or closes the account meanwhile clears it, and what the person did stands.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update

from contentdesk.channels import holders, queries, registry
from contentdesk.channels.abilities import Renewable
from contentdesk.channels.base import ChannelError, Login
from contentdesk.channels.models import Account, AccountState
from contentdesk.channels.services import keep_token, login_of, stop
from contentdesk.lib import clock
from contentdesk.lib.crypto import Box
from contentdesk.lib.db import db

LEASE = timedelta(minutes=5)
"""Far longer than the calls of one renewal can take: whoever asked twice with one refresh token would lose it."""
FRESH_FOR = timedelta(minutes=15)
"""Before a verb a token is renewed that does not live so long; the round of the beat comes long before that."""
JUST_RENEWED = timedelta(minutes=5)
"""A token that is refused although it is younger: renewing it again would change nothing."""


@dataclass(frozen=True)
class Begun:
    """A renewal in hand. `login` is the one that is to be renewed."""

    account_id: str
    channel: Renewable
    kind: str
    """Whose app it is: the channel on which the person signed in."""
    login: Login
    lease: datetime


def ends_within(kind: str, login: Login, now: datetime) -> bool:
    """Whether the token must be renewed before the platform is asked for anything."""
    channel = registry.renewable(kind)
    if channel is None or login.expires_at is None:
        return False
    return login.expires_at <= now + min(channel.renew_before, FRESH_FOR)


def is_alive(login: Login, now: datetime) -> bool:
    return bool(login.token) and (login.expires_at is None or login.expires_at > now)


def is_old_enough(account: Account, youngest: timedelta, now: datetime) -> bool:
    """Platforms refuse to renew a token that is younger than `youngest`."""
    since = account.renewed_at or account.connected_at
    return since is None or since <= now - youngest


def begin(account: Account, box: Box, now: datetime) -> Begun | None:
    """Takes the renewal in hand. None: somebody else has it, or was faster, or there is nothing to renew."""
    channel = registry.renewable(account.kind)
    if (
        channel is None
        or queries.published_by_hand(account)
        or not is_old_enough(account, channel.youngest_renewed, now)
    ):
        return None
    taken = db.session.scalar(
        update(Account)
        .where(
            Account.id == account.id,
            Account.state == AccountState.CONNECTED,
            Account.token_sealed == account.token_sealed,
            or_(Account.renewing_until.is_(None), Account.renewing_until <= now),
        )
        .values(renewing_until=now + LEASE)
        .returning(Account.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        return None
    return Begun(account.id, channel, account.via or account.kind, login_of(account, box), now + LEASE)


def keep(begun: Begun, fresh: Login, box: Box) -> bool:
    """Seals the fresh login before anybody uses it. False: a person was faster, and that stands."""
    account = _still_mine(begun)
    if account is None:
        return False
    keep_token(account, fresh, box)
    account.details = dict(fresh.details) or account.details
    account.scopes = list(fresh.scopes) or account.scopes
    account.renewed_at, account.renewing_until = clock.now(), None
    return True


def put_off(begun: Begun, until: datetime) -> None:
    """The platform is disturbed: nobody asks it again before `until`."""
    account = _still_mine(begun)
    if account is not None:
        account.renewing_until = until


def refused(begun: Begun, error: ChannelError) -> bool:
    """A person has to act. True when nobody had noticed before; then the holders have been told."""
    account = _still_mine(begun)
    if account is None:
        return False
    account.renewing_until = None
    return lost(account, error)


def lost(account: Account, error: ChannelError) -> bool:
    """As `refused`, for a login that the platform refused at work."""
    first = stop(account, error)
    if first:
        holders.tell_lost(account)
    return first


def may_be_replaced(account: Account, now: datetime) -> bool:
    """Whether a fresh token can take the place of one that the platform refused before its end."""
    renewable = account.refresh_sealed is not None and registry.renewable(account.kind) is not None
    return renewable and is_old_enough(account, JUST_RENEWED, now)


def is_the_newest(account: Account, used: Login, box: Box) -> bool:
    """Whether `used` is what the account has now. Otherwise its refusal says nothing about the account."""
    return login_of(account, box).token == used.token


def due(now: datetime, limit: int = 50) -> list[str]:
    """Ids of accounts whose token ends within the time that its platform wants for renewing."""
    query = (
        select(Account.id)
        .where(
            Account.state == AccountState.CONNECTED,
            Account.by_hand.is_(False),
            Account.token_sealed.is_not(None),
            or_(Account.renewing_until.is_(None), Account.renewing_until <= now),
            or_(False, *(_due(kind, now) for kind in registry.KINDS)),
        )
        .order_by(Account.token_expires_at)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def _due(kind: str, now: datetime) -> ColumnElement[bool]:
    channel = registry.renewable(kind)
    if channel is None:
        return Account.kind.in_(())
    youngest = now - channel.youngest_renewed
    return and_(
        Account.kind == kind,
        Account.token_expires_at < now + channel.renew_before,
        or_(Account.renewed_at < youngest, and_(Account.renewed_at.is_(None), Account.connected_at < youngest)),
    )


def _still_mine(begun: Begun) -> Account | None:
    """The row, kept to this transaction, unless somebody else has taken it since."""
    return db.session.scalar(
        select(Account)
        .where(Account.id == begun.account_id, Account.renewing_until == begun.lease)
        .where(Account.state == AccountState.CONNECTED)
        .with_for_update(of=Account)
        .execution_options(populate_existing=True)
    )
