"""Reads across features for the pages of this package. Each costs the same whatever the number of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from contentdesk.channels.models import Account
from contentdesk.channels.queries import has_stopped
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.pages import Page, page_of
from contentdesk.posts.models import Post, RevisionBusiness
from contentdesk.posts.states import PostState
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.queries import is_newest
from contentdesk.publishing.states import GIVEN_UP, MOVABLE, DeliveryState
from contentdesk.publishing.take_downs import is_stopped, to_go_ids
from contentdesk.reviews.models import Review, Verdict
from contentdesk.umkm.models import Business
from contentdesk.umkm.queries import publishable

D = DeliveryState
STUCK = (D.FAILED, D.EXPIRED, D.UNKNOWN)
"""A person has to do something."""
BEFORE = (D.WAITING, D.PREPARING)
"""Nothing has been asked of the platform that the public sees; an account that has stopped keeps it here."""
MOST_ACCOUNTS = 200
ATTENTION = "attention"
"""Of the groups of the list: approved, and something went wrong, or consent is gone."""


@dataclass(frozen=True)
class Stopped:
    """An account that a person has to see to, and what waits behind it."""

    account: Account
    posts: int
    first_due: datetime | None


@dataclass(frozen=True)
class Wanted:
    """What the list shows. `kim_id` None: of every KIM; `group` empty: all but archived ones."""

    kim_id: str | None = None
    group: str = ""
    words: str = ""


def page_of_posts(wanted: Wanted, number: int) -> Page[Post]:
    """Newest first, with KIM."""
    query = _matching(wanted).options(joinedload(Post.kim))
    query = query.where(_group() == wanted.group) if wanted.group else query.where(Post.state != PostState.ARCHIVED)
    return page_of(query.order_by(Post.updated_at.desc(), Post.id), number)


def counts(wanted: Wanted) -> dict[str, int]:
    """Posts by group, in one query."""
    each = _matching(wanted).with_only_columns(_group().label("word")).subquery()
    rows = db.session.execute(select(each.c.word, func.count()).group_by(each.c.word))
    return {str(word): number for word, number in rows}


def _matching(wanted: Wanted) -> Select[Post]:
    query = select(Post)
    if wanted.kim_id is not None:
        query = query.where(Post.kim_id == wanted.kim_id)
    if wanted.words:
        query = query.where(Post.title.icontains(wanted.words, autoescape=True))
    return query


def _group() -> ColumnElement[str]:
    """The editorial state; a planned post is told apart by what became of it."""
    return case(
        (and_(Post.state == PostState.APPROVED, is_stopped()), ATTENTION),
        (Post.state != PostState.SCHEDULED, Post.state),
        (_has(Delivery.state.in_(STUCK), is_newest()), ATTENTION),
        (_has(Delivery.id.in_(to_go_ids())), ATTENTION),
        (_has(Delivery.state.in_(BEFORE), _account_has_stopped(clock.now())), ATTENTION),
        (_has(Delivery.state.not_in((*GIVEN_UP, D.SENT))), PostState.SCHEDULED),
        (_has(Delivery.state == D.SENT), D.SENT),
        else_=PostState.SCHEDULED,
    )


def _has(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Delivery.post_id == Post.id, *where)


def _account_has_stopped(now: datetime) -> ColumnElement[bool]:
    return exists().where(Account.id == Delivery.account_id, has_stopped(now))


def stopped(kim_id: str | None, now: datetime, most: int) -> list[Stopped]:
    """The KIM's own accounts (None: all) that have stopped; whose post is due first comes first."""
    waits = and_(Delivery.account_id == Account.id, Delivery.state.in_(BEFORE), Delivery.expires_at > now)
    first_due = func.min(Delivery.due_at)
    query = (
        select(Account, func.count(func.distinct(Delivery.post_id)), first_due)
        .outerjoin(Delivery, waits)
        .where(has_stopped(now))
        .group_by(Account.id)
        .order_by(first_due.is_(None), first_due, Account.handle, Account.id)
        .limit(most)
    )
    if kim_id is not None:
        query = query.where(Account.kim_id == kim_id)
    return [Stopped(account, posts, first) for account, posts, first in db.session.execute(query)]


def stuck(kim_id: str) -> list[Delivery]:
    """Deliveries that wait for a person's decision, the newest first."""
    query = (
        select(Delivery)
        .join(Delivery.post)
        .where(
            Post.kim_id == kim_id,
            Delivery.state.in_(STUCK),
            or_(Post.state == PostState.SCHEDULED, Delivery.state == D.UNKNOWN),
            is_newest(),
        )
        .options(contains_eager(Delivery.post), joinedload(Delivery.account))
        .order_by(Delivery.due_at.desc())
        .limit(20)
    )
    return list(db.session.scalars(query))


def waiting_for_author(kim_id: str) -> list[Post]:
    """Posts with a note, approved ones without a time, and edited ones whose plan still stands."""
    edited = and_(Post.state == PostState.DRAFT, _has(Delivery.state.in_(MOVABLE)))
    query = (
        select(Post)
        .where(
            Post.kim_id == kim_id,
            or_(Post.state.in_((PostState.CHANGES_ASKED, PostState.APPROVED)), edited),
        )
        .order_by(Post.updated_at.desc())
        .limit(20)
    )
    return list(db.session.scalars(query))


def newest_notes(post_ids: Sequence[str]) -> dict[str, str]:
    """The last note of a reviewer by post, in one query."""
    rows = db.session.execute(
        select(Review.post_id, Review.note)
        .where(Review.post_id.in_(post_ids), Review.verdict != Verdict.APPROVE)
        .order_by(Review.created_at)
    )
    return dict(rows.tuples().all())


def out_since(kim_id: str, before: datetime, start: datetime) -> tuple[int, int]:
    """Posts that went out from `start` on, and those from `before` until `start`; each is counted once a month."""
    now_out = func.count(func.distinct(case((Delivery.sent_at >= start, Delivery.post_id))))
    then_out = func.count(func.distinct(case((Delivery.sent_at < start, Delivery.post_id))))
    row = db.session.execute(
        select(now_out, then_out)
        .join(Post, Post.id == Delivery.post_id)
        .where(Post.kim_id == kim_id, Delivery.state == D.SENT, Delivery.sent_at >= before)
    ).one()
    return row[0], row[1]


def never_shown(kim_id: str) -> list[Business]:
    """Businesses that may be written about and of which nothing is out yet."""
    shown = set(
        db.session.scalars(
            select(RevisionBusiness.business_id)
            .join(Delivery, Delivery.revision_id == RevisionBusiness.revision_id)
            .join(Post, Post.id == Delivery.post_id)
            .where(Post.kim_id == kim_id, Delivery.state == D.SENT)
            .distinct()
        )
    )
    return [business for business in publishable(kim_id) if business.id not in shown]


def reviews_of(post_id: str) -> list[Review]:
    """With reviewer and revision, the newest first."""
    query = (
        select(Review)
        .where(Review.post_id == post_id)
        .options(joinedload(Review.reviewer), joinedload(Review.revision))
        .order_by(Review.created_at.desc())
    )
    return list(db.session.scalars(query))
