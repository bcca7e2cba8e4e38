"""Reads of deliveries, for pages and for the engine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from contentdesk.access.permissions import Role
from contentdesk.channels.models import Account
from contentdesk.kim.models import Kim
from contentdesk.lib.db import db
from contentdesk.lib.errors import NotFound
from contentdesk.posts.models import Post, Revision, RevisionPhoto, RevisionTarget
from contentdesk.posts.states import PostState
from contentdesk.publishing.models import Delivery, DeliveryEvent
from contentdesk.publishing.states import DeliveryState
from contentdesk.regions.models import Kelurahan
from contentdesk.users.models import User

CALENDAR_LIMIT = 2000
Row = TypeVar("Row")


def get_delivery(delivery_id: str) -> Delivery:
    """With post, account, revision, photos and timeline. Raises NotFound."""
    found = db.session.scalars(
        select(Delivery)
        .where(Delivery.id == delivery_id)
        .options(
            joinedload(Delivery.post).joinedload(Post.kim),
            joinedload(Delivery.account),
            joinedload(Delivery.taker),
            joinedload(Delivery.revision).options(
                selectinload(Revision.photos).joinedload(RevisionPhoto.asset),
                selectinload(Revision.files),
            ),
            selectinload(Delivery.events),
        )
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def of_post(post_id: str) -> list[Delivery]:
    return list(
        db.session.scalars(
            select(Delivery)
            .where(Delivery.post_id == post_id)
            .options(joinedload(Delivery.account), joinedload(Delivery.post))
            .order_by(Delivery.created_at)
        )
    )


def of_posts(post_ids: Sequence[str]) -> dict[str, list[Delivery]]:
    """Deliveries by post, in one query; given-up ones only where nothing newer stands on the account."""
    rows: dict[str, list[Delivery]] = {post_id: [] for post_id in post_ids}
    for delivery in db.session.scalars(
        select(Delivery)
        .where(Delivery.post_id.in_(post_ids))
        .options(joinedload(Delivery.account))
        .order_by(Delivery.created_at)
    ):
        rows[delivery.post_id].append(delivery)
    return {post_id: newest_by_account(found) for post_id, found in rows.items()}


def newest_by_account(deliveries: list[Delivery]) -> list[Delivery]:
    """Of several tries on one account the last; `deliveries` oldest first."""
    return list({delivery.account_id: delivery for delivery in deliveries}.values())


def is_newest() -> ColumnElement[bool]:
    """As `newest_by_account`: nothing was planned later on the same account of the post."""
    later = aliased(Delivery)
    return ~exists().where(
        later.post_id == Delivery.post_id,
        later.account_id == Delivery.account_id,
        later.created_at > Delivery.created_at,
    )


@dataclass(frozen=True)
class Wanted:
    """What the calendar shows. `kim_id` None: of every KIM."""

    kim_id: str | None = None
    kecamatan_code: str = ""
    kind: str = ""


def between(wanted: Wanted, start: datetime, end: datetime) -> list[Delivery]:
    """For the calendar. At most 2,000, earliest first."""
    query = (
        select(Delivery)
        .join(Delivery.post)
        .where(Delivery.due_at >= start, Delivery.due_at < end, Delivery.state != DeliveryState.CANCELLED)
        .options(contains_eager(Delivery.post).joinedload(Post.kim), joinedload(Delivery.account))
        .order_by(Delivery.due_at)
        .limit(CALENDAR_LIMIT)
    )
    if wanted.kind:
        query = query.where(Delivery.account.has(Account.kind == wanted.kind))
    return list(db.session.scalars(_wanted(query, wanted)))


def proposed_between(wanted: Wanted, start: datetime, end: datetime) -> list[Post]:
    """Posts that are not scheduled yet but have a wish, for the calendar."""
    query = (
        select(Post)
        .where(
            Post.proposed_at >= start,
            Post.proposed_at < end,
            Post.state.in_((PostState.DRAFT, PostState.IN_REVIEW, PostState.CHANGES_ASKED, PostState.APPROVED)),
        )
        .options(joinedload(Post.kim))
        .order_by(Post.proposed_at)
        .limit(CALENDAR_LIMIT)
    )
    if wanted.kind:
        query = query.where(
            exists().where(
                Revision.post_id == Post.id,
                Revision.number == Post.newest_number,
                RevisionTarget.revision_id == Revision.id,
                RevisionTarget.account_id == Account.id,
                Account.kind == wanted.kind,
            )
        )
    return list(db.session.scalars(_wanted(query, wanted)))


def _wanted(query: Select[Row], wanted: Wanted) -> Select[Row]:
    if wanted.kecamatan_code:
        in_kecamatan = select(Kim.id).join(Kim.kelurahan).where(Kelurahan.kecamatan_code == wanted.kecamatan_code)
        query = query.where(Post.kim_id.in_(in_kecamatan))
    return _of_kim(query, wanted.kim_id)


def tasks(kim_id: str | None) -> list[Delivery]:
    """Posts that wait for a member to publish them by hand, the most urgent first."""
    query = (
        select(Delivery)
        .join(Delivery.post)
        .where(Delivery.state == DeliveryState.HANDED_OVER)
        .options(
            contains_eager(Delivery.post).joinedload(Post.kim),
            joinedload(Delivery.account),
            joinedload(Delivery.taker),
            joinedload(Delivery.revision).selectinload(Revision.photos),
        )
        .order_by(Delivery.due_at)
    )
    return list(db.session.scalars(_of_kim(query, kim_id)))


def actor_names(events: Iterable[DeliveryEvent]) -> dict[str, str]:
    """Names by user id of who did something, in one query."""
    found = {event.actor_id for event in events if event.actor_id}
    return dict(db.session.execute(select(User.id, User.name).where(User.id.in_(found))).tuples().all())


def _of_kim(query: Select[Row], kim_id: str | None) -> Select[Row]:
    return query if kim_id is None else query.where(Post.kim_id == kim_id)


def account_people(account: Account) -> list[str]:
    """Who can connect an account again: the chair of its KIM, who connected it, and the admins."""
    people = or_(User.role == Role.ADMIN, User.id == account.connected_by)
    if account.kim_id:
        people = or_(people, (User.role == Role.CHAIR) & (User.kim_id == account.kim_id))
    return list(db.session.scalars(select(User.id).where(people, User.disabled_at.is_(None))))


def kim_people(kim_id: str) -> list[str]:
    return list(db.session.scalars(select(User.id).where(User.kim_id == kim_id, User.disabled_at.is_(None))))
