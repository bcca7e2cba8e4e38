"""What was too late: one offer for each post, with the next good time. Nothing goes out without a person's word."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import contains_eager

from contentdesk.channels import registry
from contentdesk.channels.models import Account, AccountState
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.posts import planning
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.states import PostState
from contentdesk.publishing import take_downs, usefulness
from contentdesk.publishing.hints import is_about_food
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.queries import is_newest
from contentdesk.publishing.states import ENDED, DeliveryState

HOUR = timedelta(hours=1)
DAYS = 10
MOST = 200
Busy = set[tuple[str, datetime]]
"""Accounts and times at which something goes out on them."""


@dataclass(frozen=True)
class Offer:
    post: Post
    expired: list[Delivery] = field(default_factory=list)
    at: datetime | None = None
    """The next good time; None where the next days are full."""
    is_of_an_event: bool = False
    """It was useful until a moment that a person named."""

    @property
    def kinds(self) -> list[str]:
        return list(dict.fromkeys(registry.name(row.account.kind) for row in self.expired))

    @property
    def ended_at(self) -> datetime:
        return max(row.expires_at for row in self.expired)


def of_kim(kim_id: str, city: timedelta) -> list[Offer]:
    return _offers(city, Post.kim_id == kim_id)


def planned_by(user_id: str, city: timedelta) -> list[Offer]:
    """Of every KIM, for who approved and planned."""
    return _offers(city, Delivery.planned_by == user_id)


def of_post(post: Post, city: timedelta) -> Offer | None:
    """With the very time that stands in the list of its KIM."""
    return next((one for one in of_kim(post.kim_id, city) if one.post.id == post.id), None)


def _offers(city: timedelta, *where: ColumnElement[bool]) -> list[Offer]:
    """The longest overdue first. No two of them offer the same account in the same hour."""
    by_post: dict[str, list[Delivery]] = {}
    for row in db.session.scalars(still_expired(*where)):
        by_post.setdefault(row.post_id, []).append(row)
    busy = _busy({row.account_id for rows in by_post.values() for row in rows})
    return [_offer(rows, busy, city) for rows in by_post.values()]


def still_expired(*where: ColumnElement[bool], agreed: bool = True) -> Select[Delivery]:
    """On open accounts with nothing newer, of posts that were not edited since. `agreed`: businesses still consent."""
    query = (
        select(Delivery)
        .join(Delivery.post)
        .join(Delivery.revision)
        .join(Delivery.account)
        .where(
            Delivery.state == DeliveryState.EXPIRED,
            is_newest(),
            Account.state != AccountState.CLOSED,
            Post.state == PostState.SCHEDULED,
            Post.approved_number == Post.newest_number,
            Revision.number == Post.newest_number,
            *where,
        )
        .options(
            contains_eager(Delivery.post),
            contains_eager(Delivery.account),
            contains_eager(Delivery.revision).selectinload(Revision.businesses),
        )
        .order_by(Delivery.due_at, Delivery.post_id, Delivery.id)
        .limit(MOST)
    )
    return query.where(~take_downs.is_stopped()) if agreed else query


def _busy(account_ids: set[str]) -> Busy:
    planned = select(Delivery.account_id, Delivery.due_at).where(
        Delivery.account_id.in_(account_ids), Delivery.state.not_in(ENDED), Delivery.due_at > clock.now() - HOUR
    )
    return {(account_id, due_at) for account_id, due_at in db.session.execute(planned)}


def _offer(expired: list[Delivery], busy: Busy, city: timedelta) -> Offer:
    accounts = [row.account_id for row in expired]
    at = _next_slot(accounts, busy, is_about_food(expired[0].revision))
    if at is not None:
        busy |= {(account_id, at) for account_id in accounts}
    useful = usefulness.kept(expired, city)
    return Offer(expired[0].post, expired, at, useful is not None and usefulness.is_of_an_event(useful, city))


def _next_slot(accounts: Sequence[str], busy: Busy, about_food: bool) -> datetime | None:
    return next((moment for moment in _good_times(about_food) if _is_free(accounts, moment, busy)), None)


def _good_times(about_food: bool) -> Iterable[datetime]:
    """When most people look, the first hour of each day before the second."""
    for slot in planning.suggestions(DAYS):
        for moment in (slot, slot + HOUR):
            if not list(planning.warnings(moment, about_food)):
                yield moment


def _is_free(accounts: Sequence[str], moment: datetime, busy: Busy) -> bool:
    return not any(account_id in accounts and abs(due_at - moment) < HOUR for account_id, due_at in busy)
