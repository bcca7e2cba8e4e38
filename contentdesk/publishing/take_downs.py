"""An owner withdrew: what is public about the business has to be taken down, where only people can do that."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import aliased, joinedload

from contentdesk.access.permissions import Permission, allow
from contentdesk.audit.services import record
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import Conflict
from contentdesk.lib.i18n import N_
from contentdesk.posts.models import Post, Revision, RevisionBusiness
from contentdesk.publishing import timeline
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.umkm.models import PUBLISHING_PURPOSES, Business, Consent
from contentdesk.umkm.queries import may_be_published
from contentdesk.users.models import User

D = DeliveryState
MAY_BE_PUBLIC = (D.SENT, D.PUBLISHING, D.ACCEPTED, D.UNKNOWN)
SURE_AFTER = timedelta(minutes=30)
"""So long after a first look that found nothing a second one is believed."""


@dataclass(frozen=True)
class TakeDown:
    """One post on one account that has to go."""

    delivery: Delivery
    business_id: str
    business: str
    deadline: datetime


@dataclass(frozen=True)
class Stop:
    """What missing consent means for one post."""

    names: tuple[str, ...] = ()
    """Businesses of its newest revision that may not be published."""
    owners: tuple[tuple[str, str], ...] = ()
    """Id and name of businesses because of which something public has to go; not always of the newest revision."""
    to_go: frozenset[str] = frozenset()
    """Ids of its deliveries that are public for sure and have to be taken down."""


def pending(kim_id: str | None = None, business_id: str | None = None) -> list[TakeDown]:
    """What still has to go, the most urgent first. `kim_id` None: of every KIM."""
    query = _to_go().options(joinedload(Delivery.post).joinedload(Post.kim), joinedload(Delivery.account))
    if kim_id is not None:
        query = query.where(Business.kim_id == kim_id)
    if business_id is not None:
        query = query.where(Business.id == business_id)
    return _each_once(TakeDown(*row[:3], deadline) for row in db.session.execute(query) if (deadline := row[3]))


def _each_once(rows: Iterable[TakeDown]) -> list[TakeDown]:
    """With its earliest deadline, where several owners or purposes ask for it."""
    found: dict[str, TakeDown] = {}
    for row in sorted(rows, key=lambda row: (row.deadline, row.delivery.due_at, row.delivery.id)):
        found.setdefault(row.delivery.id, row)
    return list(found.values())


def _to_go() -> Select[Delivery, str, str, datetime | None]:
    """Purpose by purpose: the last withdrawal counts, and none where consent is in force again."""
    again, later = aliased(Consent), aliased(Consent)
    same = and_(again.business_id == Consent.business_id, again.purpose == Consent.purpose)
    newer = and_(later.business_id == Consent.business_id, later.purpose == Consent.purpose)
    return (
        select(Delivery, Business.id, Business.name, Consent.take_down_by)
        .join(RevisionBusiness, RevisionBusiness.revision_id == Delivery.revision_id)
        .join(Business, Business.id == RevisionBusiness.business_id)
        .join(Consent, Consent.business_id == Business.id)
        .where(
            Consent.purpose.in_(PUBLISHING_PURPOSES),
            Consent.take_down_by.is_not(None),
            ~exists().where(same, again.withdrawn_at.is_(None)),
            ~exists().where(newer, later.withdrawn_at > Consent.withdrawn_at),
            Delivery.gone_at.is_(None),
            or_(Delivery.state.in_(MAY_BE_PUBLIC), _in_hand()),
        )
    )


def _in_hand() -> ColumnElement[bool]:
    """A member may be posting it right now."""
    by_hand = Delivery.state.in_((D.HANDED_OVER, D.CANCELLED))
    return and_(by_hand, Delivery.taken_by.is_not(None), Delivery.taken_until > clock.now())


def done(business: Business) -> list[Delivery]:
    """What was taken down of a business, the newest first, with who said so."""
    query = (
        select(Delivery)
        .join(RevisionBusiness, RevisionBusiness.revision_id == Delivery.revision_id)
        .where(RevisionBusiness.business_id == business.id, Delivery.gone_at.is_not(None))
        .options(joinedload(Delivery.post), joinedload(Delivery.account), joinedload(Delivery.remover))
        .order_by(Delivery.gone_at.desc())
    )
    return list(db.session.scalars(query))


def stops(post_ids: Sequence[str]) -> dict[str, Stop]:
    """By post, for every one of them, in two queries."""
    names: dict[str, list[str]] = {post_id: [] for post_id in post_ids}
    to_go: dict[str, set[str]] = {post_id: set() for post_id in post_ids}
    owners: dict[str, set[tuple[str, str]]] = {post_id: set() for post_id in post_ids}
    for post_id, name in db.session.execute(_not_agreed().where(Post.id.in_(post_ids))):
        names[post_id].append(name)
    for delivery, business_id, name, _by in db.session.execute(
        _to_go().where(Delivery.post_id.in_(post_ids), Delivery.state == D.SENT)
    ):
        to_go[delivery.post_id].add(delivery.id)
        owners[delivery.post_id].add((business_id, name))
    return {
        one: Stop(tuple(names[one]), tuple(sorted(owners[one], key=lambda row: row[1])), frozenset(to_go[one]))
        for one in post_ids
    }


def _not_agreed() -> Select[str, str]:
    return (
        select(Post.id, Business.name)
        .join(Revision, and_(Revision.post_id == Post.id, Revision.number == Post.newest_number))
        .join(RevisionBusiness, RevisionBusiness.revision_id == Revision.id)
        .join(Business, Business.id == RevisionBusiness.business_id)
        .where(~may_be_published())
        .order_by(Business.name)
    )


def is_stopped() -> ColumnElement[bool]:
    """Of a post: a business of its newest revision may not be published."""
    return Post.id.in_(_not_agreed().order_by(None).with_only_columns(Post.id))


def to_go_ids() -> Select[str]:
    return _to_go().with_only_columns(Delivery.id)


def mark_gone(actor: User, delivery: Delivery) -> None:
    """A person took it down there. A second click finds it done: that is what it wanted."""
    allow(actor, Permission.TASK_DO, delivery.post)
    _lock(delivery)
    if delivery.gone_at is not None:
        return
    if not _has_to_go(delivery):
        raise Conflict(
            N_("Unggahan ini tidak perlu dihapus: persetujuannya berlaku, atau belum terbit. Tidak ada yang berubah.")
        )
    delivery.gone_at, delivery.gone_by = clock.now(), actor.id
    timeline.note(delivery.id, "taken_down", actor.id)
    record(actor, "delivery.taken_down", "delivery", delivery.id)


def unmark(actor: User, delivery: Delivery) -> bool:
    """The tick was wrong, it is still there: the task comes back with its old deadline.

    False: it may stay, because consent is in force again.
    """
    allow(actor, Permission.TASK_DO, delivery.post)
    _lock(delivery)
    if delivery.gone_at is None:
        return _has_to_go(delivery)
    delivery.gone_at = delivery.gone_by = delivery.missing_since = None
    timeline.note(delivery.id, "not_taken_down", actor.id)
    record(actor, "delivery.not_taken_down", "delivery", delivery.id)
    return _has_to_go(delivery)


def looked(delivery: Delivery, is_there: bool, now: datetime) -> None:
    """What a look at the platform brought. Two that find nothing, some time apart, end the task."""
    _lock(delivery)
    if is_there or delivery.gone_at is not None:
        delivery.missing_since = None
    elif delivery.missing_since is None:
        delivery.missing_since = now
    elif now - delivery.missing_since >= SURE_AFTER and _has_to_go(delivery):
        delivery.gone_at = now
        timeline.note(delivery.id, "found_gone")
        record(None, "delivery.found_gone", "delivery", delivery.id)


def _lock(delivery: Delivery) -> None:
    db.session.refresh(delivery, ["state", "gone_at", "gone_by", "missing_since"], with_for_update=True)


def _has_to_go(delivery: Delivery) -> bool:
    if delivery.state != D.SENT:
        return False
    return db.session.execute(_to_go().where(Delivery.id == delivery.id).limit(1)).first() is not None
