"""Consent is gone: what is planned about the business is cancelled in the same act."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from contentdesk.access.permissions import Role
from contentdesk.lib import words
from contentdesk.lib.db import db
from contentdesk.lib.i18n import N_
from contentdesk.notices.services import tell
from contentdesk.posts.models import Post, RevisionBusiness
from contentdesk.publishing import handwork
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.persons import CANCELLED
from contentdesk.publishing.queries import kim_people
from contentdesk.publishing.services import cancel_all, unschedule_if_empty
from contentdesk.publishing.states import MOVABLE, DeliveryState
from contentdesk.publishing.take_downs import MAY_BE_PUBLIC
from contentdesk.umkm.models import PUBLISHING_PURPOSES, Business, Consent, Purpose
from contentdesk.umkm.services import withdraw_consent
from contentdesk.users.models import User
from contentdesk.users.queries import ids_with_role

D = DeliveryState


@dataclass(frozen=True)
class Withdrawn:
    cancelled: int
    live: list[Delivery]
    """Public, or perhaps public: to be taken down by hand."""


def withdraw(actor: User, business: Business, purposes: Iterable[Purpose]) -> Withdrawn:
    """Consents first, then posts, then deliveries: the order in which the engine locks them too.

    Who has to take live posts down is told. The claim and the intent ask for consent as well.
    """
    wanted = set(purposes)
    withdrawn = withdraw_consent(actor, business, wanted)
    if not withdrawn or not wanted & set(PUBLISHING_PURPOSES):
        return Withdrawn(0, [])
    deliveries = _about(business)
    live = [delivery for delivery in deliveries if _may_be_public(delivery)]
    planned = [delivery for delivery in deliveries if delivery.state in MOVABLE]
    cancel_all(planned, actor, CANCELLED)
    _tell_authors(business, planned)
    for post in {delivery.post for delivery in planned}:
        unschedule_if_empty(actor, post)
    _tell(business, withdrawn, live)
    return Withdrawn(len(planned), live)


def _may_be_public(delivery: Delivery) -> bool:
    if delivery.state == D.HANDED_OVER:
        return handwork.is_taken(delivery)
    return delivery.state in MAY_BE_PUBLIC and delivery.gone_at is None


def _about(business: Business) -> list[Delivery]:
    """Locked, posts before deliveries, so that nothing changes under the cancelling."""
    of_business = select(RevisionBusiness.revision_id).where(RevisionBusiness.business_id == business.id)
    mine = Delivery.revision_id.in_(of_business)
    db.session.execute(
        select(Post.id).where(Post.id.in_(select(Delivery.post_id).where(mine))).order_by(Post.id).with_for_update()
    )
    query = select(Delivery).where(mine).options(joinedload(Delivery.post), joinedload(Delivery.account))
    locked = query.order_by(Delivery.id).with_for_update(of=Delivery).execution_options(populate_existing=True)
    return list(db.session.scalars(locked))


def _tell_authors(business: Business, planned: list[Delivery]) -> None:
    for post in {delivery.post for delivery in planned}:
        tell(
            [post.author_id],
            N_("Persetujuan %(name)s dicabut, jadi %(title)s tidak terbit. Naskahnya tetap tersimpan."),
            f"/unggahan/{post.id}",
            name=business.name,
            title=post.title,
        )


def _tell(business: Business, withdrawn: list[Consent], live: list[Delivery]) -> None:
    deadline = withdrawn[0].take_down_by
    if not live or deadline is None:
        return
    tell(
        [*kim_people(business.kim_id), *ids_with_role(Role.REVIEWER), *ids_with_role(Role.ADMIN)],
        N_("Persetujuan %(name)s dicabut. %(count)s unggahan harus dihapus sebelum %(when)s."),
        f"/umkm/{business.id}/dihapus",
        name=business.name,
        count=len(live),
        when=words.moment(deadline),
    )
