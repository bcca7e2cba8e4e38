"""Publishing by hand: one member takes the task, posts on the phone, and proves it with the link."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from contentdesk.access.permissions import Permission, allow
from contentdesk.audit.services import record
from contentdesk.channels import registry
from contentdesk.lib import clock, words
from contentdesk.lib.db import db
from contentdesk.lib.errors import Conflict, DomainError
from contentdesk.lib.i18n import N_
from contentdesk.notices.services import tell
from contentdesk.publishing import claims, queries, timeline
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.outgoing import Work, load
from contentdesk.publishing.states import DeliveryState
from contentdesk.users.models import User

D = DeliveryState
TAKEN_FOR = timedelta(minutes=20)


def hand_over(work: Work, now: datetime) -> None:
    """Puts the post before the members of its KIM."""
    if not claims.settle(work.delivery_id, work.lease, (D.PREPARING,), state=D.HANDED_OVER, next_at=now):
        return
    timeline.note(work.delivery_id, "handed_over")
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
    taken = db.session.execute(
        update(Delivery)
        .where(
            Delivery.id == delivery.id,
            Delivery.state == D.HANDED_OVER,
            or_(Delivery.taken_by.is_(None), Delivery.taken_by == actor.id, Delivery.taken_until < now),
        )
        .values(taken_by=actor.id, taken_until=now + TAKEN_FOR)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None:
        raise Conflict(N_("Anggota lain sedang mengerjakannya. Tugas ini kembali ke daftar bila ia tidak selesai."))
    db.session.refresh(delivery)
    timeline.note(delivery.id, "taken", actor.id)


def is_taken(delivery: Delivery) -> bool:
    """Whether somebody has it in hand right now."""
    return delivery.taken_by is not None and (delivery.taken_until or clock.now()) > clock.now()


def is_mine(actor: User, delivery: Delivery) -> bool:
    return is_taken(delivery) and delivery.taken_by == actor.id


def hand_back(actor: User, delivery: Delivery) -> None:
    allow(actor, Permission.TASK_DO, delivery.post)
    if delivery.taken_by == actor.id and delivery.state == D.HANDED_OVER:
        delivery.taken_by = delivery.taken_until = None
        timeline.note(delivery.id, "handed_back", actor.id)


def finish(actor: User, delivery: Delivery, link: str) -> None:
    """It is out: the link is the proof."""
    allow(actor, Permission.TASK_DO, delivery.post)
    link = link.strip()
    _check_link(delivery, link)
    now = clock.now()
    done = db.session.execute(
        update(Delivery)
        .where(Delivery.id == delivery.id, Delivery.state.in_((D.HANDED_OVER, D.EXPIRED)))
        .values(state=D.SENT, permalink=link, external_id=link, sent_at=now, taken_by=actor.id, problem=None)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).first()
    if done is None:
        raise Conflict(N_("Tugas ini sudah selesai atau dibatalkan. Tautan Anda belum disimpan."))
    db.session.refresh(delivery)
    timeline.note(delivery.id, "sent_by_hand", actor.id, link=link)
    record(actor, "delivery.by_hand", "delivery", delivery.id)


def _check_link(delivery: Delivery, link: str) -> None:
    if not registry.get(delivery.account.kind).owns_link(link):
        raise DomainError(
            N_("Itu bukan tautan unggahan %(channel)s. Buka unggahannya, pilih Bagikan, lalu Salin tautan."),
            channel=registry.name(delivery.account.kind),
        )
    other = db.session.scalar(
        select(Delivery.id).where(Delivery.permalink == link, Delivery.id != delivery.id).limit(1)
    )
    if other is not None:
        raise DomainError(N_("Tautan itu sudah dipakai untuk unggahan lain. Salin tautan unggahan yang ini."))
