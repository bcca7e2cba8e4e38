"""Publishing by hand: one member takes the task, posts on the phone, and proves it with the link."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from contentdesk.access.permissions import Actor, Permission, allow
from contentdesk.audit.services import record
from contentdesk.channels.base import ForMember
from contentdesk.lib import clock, words
from contentdesk.lib.db import db
from contentdesk.lib.errors import Conflict
from contentdesk.lib.i18n import N_
from contentdesk.notices.services import tell
from contentdesk.publishing import claims, holds, queries, timeline
from contentdesk.publishing.conditions import may_go_out
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.outgoing import Work, load
from contentdesk.publishing.proofs import proof
from contentdesk.publishing.states import GIVEN_UP, MOVABLE, DeliveryState
from contentdesk.reviews.services import lock
from contentdesk.users.models import User

D = DeliveryState
_CAN_BE_PROVED = (*MOVABLE, D.EXPIRED, D.CANCELLED)
TAKEN_FOR = timedelta(minutes=20)
HAND_GRACE = timedelta(hours=24)


def hand_over(work: Work, now: datetime) -> None:
    """Puts the post before the members of its KIM."""
    if not claims.settle(work.delivery_id, work.lease, (D.PREPARING,), state=D.HANDED_OVER, next_at=now):
        return
    timeline.note(work.delivery_id, "handed_over")
    _tell_members(work)


def finish_in_app(work: Work, outcome: ForMember, now: datetime) -> None:
    """It lies in the platform's app and is not public: a member finishes it there, as a post by hand is proved.

    The members get as long as for a post by hand, whatever was left of its time.
    """
    if not claims.settle(
        work.delivery_id,
        work.lease,
        (D.ACCEPTED, D.UNKNOWN),
        state=D.HANDED_OVER,
        checkpoint=work.keepable(outcome.checkpoint),
        intent_at=None,
        next_at=now,
        expires_at=max(work.expires_at, now + HAND_GRACE),
        problem=outcome.sentence,
        problem_values=dict(outcome.values),
    ):
        return
    timeline.note(work.delivery_id, "in_app")
    _tell_members(work)


def _tell_members(work: Work) -> None:
    delivery = load(work.delivery_id)
    tell(
        queries.kim_people(delivery.post.kim_id),
        N_("Unggah ke %(channel)s: %(title)s, paling lambat %(time)s WIB."),
        f"/tugas/{delivery.id}",
        channel=work.channel.name,
        title=delivery.post.title,
        time=words.hour(delivery.due_at),
    )


def take(actor: User, delivery: Delivery) -> None:
    """The task is `actor`'s for 20 minutes, so that two do not post the same thing."""
    allow(actor, Permission.TASK_DO, delivery.post)
    now = clock.now()
    holds.look_on()
    taken = db.session.execute(
        update(Delivery)
        .where(
            Delivery.id == delivery.id,
            Delivery.state == D.HANDED_OVER,
            may_go_out(),
            or_(Delivery.taken_by.is_(None), Delivery.taken_by == actor.id, Delivery.taken_until < now),
        )
        .values(taken_by=actor.id, taken_until=now + TAKEN_FOR)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None and holds.is_held(delivery.id):
        raise Conflict(N_("Penerbitan sedang ditahan, jadi jangan diunggah dulu. Tugas ini kembali setelah dilepas."))
    if taken is None and not claims.is_valid(delivery.id):
        raise Conflict(N_("Naskahnya diubah atau persetujuannya dicabut, jadi jangan diunggah dulu."))
    if taken is None:
        raise Conflict(N_("Anggota lain sedang mengerjakannya. Tugas ini kembali ke daftar bila ia tidak selesai."))
    db.session.refresh(delivery)
    timeline.note(delivery.id, "taken", actor.id)


def is_taken(delivery: Delivery) -> bool:
    """Whether somebody has it in hand right now."""
    return delivery.taken_by is not None and (delivery.taken_until or clock.now()) > clock.now()


def was_mine(actor: User, delivery: Delivery) -> bool:
    """Taken off the plan while `actor` was at it: it may be public already, and then its link is still wanted."""
    return delivery.state == D.CANCELLED and delivery.taken_by == actor.id


def is_mine(actor: Actor, delivery: Delivery) -> bool:
    return is_taken(delivery) and delivery.taken_by == actor.id


def hand_back(actor: User, delivery: Delivery) -> None:
    allow(actor, Permission.TASK_DO, delivery.post)
    if delivery.taken_by == actor.id and delivery.state == D.HANDED_OVER:
        delivery.taken_by = delivery.taken_until = None
        timeline.note(delivery.id, "handed_back", actor.id)


def finish(actor: User, delivery: Delivery, typed: str) -> Delivery:
    """It is out: the link is the proof. Kept also when the task was moved or cancelled meanwhile.

    Returns the delivery it was written to: the one that stands on the account now.
    """
    allow(actor, Permission.TASK_DO, delivery.post)
    link = proof(delivery, typed)
    lock(delivery.post)
    standing = _standing(delivery) or delivery
    if standing.state not in _CAN_BE_PROVED:
        raise Conflict(N_("Unggahan ini sudah tercatat terbit. Tautan Anda tidak disimpan."))
    standing.state, standing.permalink, standing.external_id = D.SENT, link, link
    standing.sent_at, standing.taken_by, standing.problem = clock.now(), actor.id, None
    standing.lease = standing.lease_until = None
    db.session.flush()
    timeline.note(standing.id, "sent_by_hand", actor.id, link=link)
    record(actor, "delivery.by_hand", "delivery", standing.id)
    return standing


def _standing(delivery: Delivery) -> Delivery | None:
    """What stands on the account for this post, locked; None when all was given up."""
    return db.session.scalars(
        select(Delivery)
        .where(
            Delivery.post_id == delivery.post_id,
            Delivery.account_id == delivery.account_id,
            Delivery.state.not_in(GIVEN_UP),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
