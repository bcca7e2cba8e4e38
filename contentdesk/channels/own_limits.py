"""The limits that are an account's own: whose are to be asked for again, and what came."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import combinations_with_replacement

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


def video_rules(kim_id: str | None) -> list[VideoRule]:
    """What the accounts that a KIM may choose ask of a video, besides what their channels do. None: everybody's.

    Of one kind also any two together: one file goes to all accounts of a kind, and what they all take may be what
    none of them asks for alone.
    """
    found: dict[VideoRule, None] = {}
    for kind, known in _limits(kim_id).items():
        channel, pairs = registry.get(kind), list(combinations_with_replacement(known, 2))
        for shape in channel.formats:
            rules = [limits.of_accounts(channel, shape.rules, pair).video for pair in pairs]
            found |= dict.fromkeys(rule for rule in rules if rule is not None)
    return list(found)


def _limits(kim_id: str | None) -> dict[str, list[dict[str, int]]]:
    """By kind, each once; kinds of which no account has limits are left out."""
    kinds = [kind for kind in registry.KINDS if registry.with_own_limits(kind)]
    query = select(Account.kind, Account.limits).where(Account.kind.in_(kinds), Account.state != AccountState.CLOSED)
    if kim_id is not None:
        query = query.where(or_(Account.kim_id == kim_id, Account.kim_id.is_(None)))
    known: dict[str, list[dict[str, int]]] = {}
    for kind, own in db.session.execute(query.order_by(Account.kind, Account.id)):
        if own not in known.setdefault(kind, []):
            known[kind].append(own)
    return {kind: told for kind, told in known.items() if any(told)}


def _is_old(now: datetime) -> ColumnElement[bool]:
    return or_(Account.limits_at.is_(None), Account.limits_at <= now - ASK_EVERY)
