"""What has to be true before a delivery may go out, as the database sees it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from contentdesk.channels import registry
from contentdesk.channels.models import Account, AccountState
from contentdesk.lib.db import UtcDateTime, db, is_sqlite
from contentdesk.posts.models import Post, Revision, RevisionBusiness
from contentdesk.posts.states import PostState
from contentdesk.publishing import holds
from contentdesk.publishing.models import Delivery
from contentdesk.reviews.models import Review, Verdict
from contentdesk.umkm.models import PUBLISHING_PURPOSES, Consent

HAND_LEAD = timedelta(minutes=30)
"""So long before its time a post by hand is put before the members."""


@cache
def may_go_out() -> ColumnElement[bool]:
    """The delivery's revision is the newest, approved by somebody other than its author, scheduled, its
    account works, every business in it still consents, and nobody holds it. Asked again right before the
    irreversible call.
    """
    text = and_(newest_approved_scheduled(), approved_by_another())
    return and_(text, account_works(), ~consent_missing(), ~holds.covers())


def newest_approved_scheduled() -> ColumnElement[bool]:
    return exists().where(
        Revision.id == Delivery.revision_id,
        Post.id == Delivery.post_id,
        Revision.post_id == Post.id,
        Post.state == PostState.SCHEDULED,
        Revision.number == Post.newest_number,
        Revision.number == Post.approved_number,
    )


def approved_by_another() -> ColumnElement[bool]:
    """Four eyes: somebody else said yes to this very revision."""
    revision = aliased(Revision)
    return exists().where(
        revision.id == Delivery.revision_id,
        Review.revision_id == revision.id,
        Review.verdict == Verdict.APPROVE,
        Review.reviewer_id != revision.author_id,
    )


def account_works() -> ColumnElement[bool]:
    """It is connected, and still the KIM's own or the city's."""
    return exists().where(
        Account.id == Delivery.account_id,
        Account.state == AccountState.CONNECTED,
        Post.id == Delivery.post_id,
        or_(Account.kim_id.is_(None), Account.kim_id == Post.kim_id),
    )


def account_lacks_permission() -> ColumnElement[bool]:
    return exists().where(Account.id == Delivery.account_id, Account.state == AccountState.NOT_ALLOWED)


@cache
def its_time_has_come() -> ColumnElement[bool]:
    """Or will so soon that it can be prepared, or handed to a member. Asks for `_moments`."""
    by_hand = [kind for kind in registry.KINDS if registry.is_by_hand(kind)]
    latest = case(
        (or_(Account.by_hand.is_(True), Account.kind.in_(by_hand)), at("by_hand")),
        *((Account.kind == kind, at(f"ahead_{kind}")) for kind in _ahead()),
        else_=at("now"),
    )
    return exists().where(Account.id == Delivery.account_id, Delivery.due_at <= latest)


@cache
def _ahead() -> Mapping[str, timedelta]:
    return {kind: lead for kind in registry.KINDS if (lead := registry.ahead(kind))}


def moments(now: datetime) -> dict[str, datetime]:
    ahead = {f"ahead_{kind}": now + lead for kind, lead in _ahead().items()}
    return ahead | {"now": now, "by_hand": now + HAND_LEAD}


def at(name: str) -> ColumnElement[datetime]:
    return bindparam(name, type_=UtcDateTime())


def moment(at: datetime) -> ColumnElement[datetime]:
    return literal(at, UtcDateTime())


@cache
def consent_missing() -> ColumnElement[bool]:
    in_force = (
        select(func.count(Consent.id))
        .where(
            Consent.business_id == RevisionBusiness.business_id,
            Consent.purpose.in_(PUBLISHING_PURPOSES),
            Consent.withdrawn_at.is_(None),
        )
        .correlate(RevisionBusiness)
        .scalar_subquery()
    )
    return exists().where(RevisionBusiness.revision_id == Delivery.revision_id, in_force < len(PUBLISHING_PURPOSES))


def hold_still(delivery_ids: Sequence[str]) -> None:
    """Holds, consents and posts are locked for sharing, so that what is asked next stays true until the commit."""
    if is_sqlite():
        return  # the whole file is ours until then
    holds.look_on()
    mine = Delivery.id.in_(delivery_ids)
    here = select(Delivery.revision_id).where(mine)
    businesses = select(RevisionBusiness.business_id).where(RevisionBusiness.revision_id.in_(here))
    consents = select(Consent.id).where(Consent.business_id.in_(businesses)).order_by(Consent.id)
    posts = select(Post.id).where(Post.id.in_(select(Delivery.post_id).where(mine))).order_by(Post.id)
    for rows in (consents, posts):
        db.session.execute(rows.with_for_update(read=True))
