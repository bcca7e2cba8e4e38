"""The limits that are an account's own: whose are to be asked for again, and what came."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update

from contentdesk.channels import limits, registry
from contentdesk.channels.base import VideoRule
from contentdesk.channels.models import Account, AccountState
from contentdesk.lib.db import db

ASK_EVERY = timedelta(hours=24)


def due(now: datetime, limit: int = 50) -> list[str]:
    """Ids of working accounts whose platform was not asked for a day, those that never were first."""
    kinds = [kind for kind in registry.KINDS if registry.with_own_limits(kind)]
    query = select(Account.id).where(
        Account.kind.in_(kinds),
        Account.by_hand.is_(False),
        Account.state == AccountState.CONNECTED,
        _is_old(now),
    )
    return list(db.session.scalars(query.order_by(Account.limits_at.is_not(None), Account.limits_at).limit(limit)))


def claim(account_id: str, now: datetime) -> bool:
    """One worker asks. A platform that does not answer is asked again tomorrow; until then what is known stays."""
    taken = db.session.scalar(
        update(Account).where(Account.id == account_id, _is_old(now)).values(limits_at=now).returning(Account.id)
    )
    return taken is not None


def keep(account_id: str, came: Mapping[str, int]) -> None:
    """Nothing at all came: what is known is more than nothing."""
    if came:
        db.session.execute(update(Account).where(Account.id == account_id).values(limits=dict(came)))


def video_rules() -> list[VideoRule]:
    """What single accounts ask of a video, besides what their channels do."""
    kinds = [kind for kind in registry.KINDS if registry.with_own_limits(kind)]
    query = select(Account.kind, Account.limits).where(
        Account.kind.in_(kinds), Account.by_hand.is_(False), Account.state != AccountState.CLOSED
    )
    found: dict[VideoRule, None] = {}
    for kind, own in db.session.execute(query):
        channel = registry.get(kind)
        rules = [limits.of_accounts(channel, shape.rules, [own]).video for shape in channel.formats] if own else []
        found |= dict.fromkeys(rule for rule in rules if rule is not None)
    return list(found)


def _is_old(now: datetime) -> ColumnElement[bool]:
    return or_(Account.limits_at.is_(None), Account.limits_at <= now - ASK_EVERY)
