"""What a person says about a post that was too late, and who is told of it."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from contentdesk.access.permissions import Permission, allow, may
from contentdesk.audit.services import record
from contentdesk.channels import registry
from contentdesk.lib import words
from contentdesk.lib.db import db
from contentdesk.lib.i18n import N_
from contentdesk.notices.services import tell
from contentdesk.posts.models import Post
from contentdesk.posts.services import move
from contentdesk.posts.states import PostState
from contentdesk.publishing import offers, services, timeline, usefulness
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.outgoing import load
from contentdesk.publishing.states import GIVEN_UP, DeliveryState
from contentdesk.reviews.services import lock
from contentdesk.users.models import User

D = DeliveryState
OFFERED = N_(
    "%(title)s tidak terbit di %(channels)s karena waktunya terlewat. Tawaran: terbit %(when)s. Buka untuk memilih."
)
MISSED = N_("%(title)s tidak terbit di %(channels)s karena waktunya terlewat. Naskah tersimpan.")
NOT_AGAIN = N_("Tidak diterbitkan lagi: waktunya terlewat, lalu diputuskan begitu.")


def plan_again(actor: User, post: Post, at: datetime, city: timedelta) -> list[Delivery]:
    """Plans anew on each account where it was too late, and on no other. Empty: somebody was faster, nothing changed.

    Refuses as any plan does: without approval, consent or a fit post.
    """
    allow(actor, Permission.POST_SCHEDULE, post)
    lock(post)
    expired = _expired(post)
    if not expired:
        return []
    useful = usefulness.kept(expired, city)
    if useful is None or usefulness.is_of_an_event(useful, city):
        useful = usefulness.usual(city)
    return services.schedule(
        actor, post, at, useful.span, hand_grace=useful.by_hand, only={row.account_id for row in expired}
    )


def give_up(actor: User, post: Post) -> int:
    """It shall not go out any more where it was too late. What is public or planned elsewhere stays."""
    allow(actor, Permission.POST_SCHEDULE, post)
    lock(post)
    expired = _expired(post)
    for delivery in expired:
        delivery.state, delivery.problem = D.CANCELLED, NOT_AGAIN
        timeline.note(delivery.id, "not_again", actor.id)
    if expired:
        record(actor, "post.not_again", "post", post.id)
        _end(actor, post)
    return len(expired)


def _end(actor: User, post: Post) -> None:
    """With nothing left it is withdrawn by who may; a reviewer leaves that to its author."""
    db.session.flush()
    standing = select(Delivery.id).where(Delivery.post_id == post.id, Delivery.state.not_in(GIVEN_UP))
    if db.session.scalar(standing.limit(1)) is None:
        move(actor, post, "withdraw" if may(actor, Permission.POST_WRITE, post) else "unschedule")


def _expired(post: Post) -> list[Delivery]:
    """Locked, so that of two people one acts. Without consent there is something to say, so that is asked later."""
    if post.state != PostState.SCHEDULED:
        return []
    query = offers.still_expired(Post.id == post.id, agreed=False)
    return list(db.session.scalars(query.with_for_update(of=Delivery).execution_options(populate_existing=True)))


def tell_people(ended: Collection[str], city: timedelta = timedelta(hours=3)) -> None:
    """Author and planner hear once for each post, with all its accounts; not again while its offer is open."""
    by_post: dict[str, list[Delivery]] = {}
    for delivery in map(load, ended):
        by_post.setdefault(delivery.post_id, []).append(delivery)
    kims = {rows[0].post.kim_id for rows in by_post.values()}
    found = {one.post.id: one for kim_id in kims for one in offers.of_kim(kim_id, city)}
    for post_id, rows in by_post.items():
        offer = found.get(post_id)
        if offer is None or len(offer.expired) <= len(rows):
            _tell(rows, offer.at if offer else None)


def _tell(rows: list[Delivery], at: datetime | None) -> None:
    post = rows[0].post
    tell(
        [post.author_id, *(row.planned_by for row in rows if row.planned_by)],
        OFFERED if at else MISSED,
        f"/unggahan/{post.id}",
        title=post.title,
        channels=_named(rows),
        when=words.moment(at) if at else "",
    )


def _named(rows: Iterable[Delivery]) -> str:
    return ", ".join(dict.fromkeys(registry.name(row.account.kind) for row in rows))
