"""What a person decides when the platform does not say whether a post is out."""

from datetime import timedelta

from sqlalchemy import ColumnElement, update

from contentdesk.access.permissions import Permission, allow
from contentdesk.audit.services import record
from contentdesk.channels.base import DOUBT
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import Conflict
from contentdesk.lib.i18n import N_
from contentdesk.publishing import claims, timeline
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.proofs import proof
from contentdesk.publishing.states import DeliveryState
from contentdesk.users.models import User

D = DeliveryState
QUIET = timedelta(minutes=2)
"""A new post may be missing from the account for a while; sending again then would make it two."""
CANCELLED = N_("Persetujuan pelaku usaha dicabut, jadi jadwal ini dibatalkan.")
_CHANGED = N_("Keadaannya sudah berubah saat Anda memutuskan. Lihat dulu keadaan terbaru.")


def is_there(actor: User, delivery: Delivery, link: str) -> None:
    """It is public, here is the link."""
    allow(actor, Permission.POST_SCHEDULE, delivery.post)
    link = proof(delivery, link)
    _decide(delivery, state=D.SENT, permalink=link, sent_at=delivery.intent_at or clock.now(), problem=None)
    timeline.note(delivery.id, "person_says_there", actor.id, link=link)
    record(actor, "delivery.is_there", "delivery", delivery.id)


def is_not_there(actor: User, delivery: Delivery, grace: timedelta) -> bool:
    """It is not public: it goes out now, if its text still may. False: consent is gone, so it never will.

    The checkpoint stays, so nothing is made twice, unless it is what the doubt was about: with it the channel would
    make no call, whatever the person said.
    """
    allow(actor, Permission.POST_SCHEDULE, delivery.post)
    now = clock.now()
    if delivery.intent_at is not None and now - delivery.intent_at < QUIET:
        raise Conflict(N_("Baru saja dikirim, jadi bisa saja belum tampak. Tunggu dua menit, lalu lihat lagi."))
    if claims.lacks_consent(delivery.id):
        _decide(delivery, claims.is_free(now), state=D.CANCELLED, intent_at=None, ready_at=None, problem=CANCELLED)
        timeline.note(delivery.id, "person_says_not_out", actor.id)
        record(actor, "delivery.is_not_there", "delivery", delivery.id)
        return False
    _decide(
        delivery,
        claims.is_free(now),
        state=D.WAITING,
        intent_at=None,
        ready_at=None,
        next_at=now,
        expires_at=max(delivery.expires_at, now + grace),
        tries=0,
        problem=None,
        checkpoint={} if delivery.checkpoint.get(DOUBT) else delivery.checkpoint,
    )
    timeline.note(delivery.id, "person_says_not_there", actor.id)
    record(actor, "delivery.is_not_there", "delivery", delivery.id)
    return True


def _decide(delivery: Delivery, *where: ColumnElement[bool], **values: object) -> None:
    """Only from `unknown`."""
    done = db.session.execute(
        update(Delivery)
        .where(Delivery.id == delivery.id, Delivery.state == D.UNKNOWN, *where)
        .values(lease=None, lease_until=None, **values)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).first()
    if done is None:
        raise Conflict(_CHANGED)
    db.session.refresh(delivery)
