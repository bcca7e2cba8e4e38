"""What a person decides when the platform does not say whether a post is out."""

from datetime import timedelta

from sqlalchemy import update

from contentdesk.access.permissions import Permission, allow
from contentdesk.audit.services import record
from contentdesk.channels import registry
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import Conflict, DomainError
from contentdesk.lib.i18n import N_
from contentdesk.publishing import timeline
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.users.models import User

D = DeliveryState
_CHANGED = N_("Keadaannya sudah berubah saat Anda memutuskan. Lihat dulu keadaan terbaru.")


def is_there(actor: User, delivery: Delivery, link: str) -> None:
    """It is public, here is the link."""
    allow(actor, Permission.POST_SCHEDULE, delivery.post)
    if not registry.get(delivery.account.kind).owns_link(link.strip()):
        raise DomainError(
            N_("Itu bukan tautan unggahan %(channel)s. Buka unggahannya, pilih Bagikan, lalu Salin tautan."),
            channel=registry.name(delivery.account.kind),
        )
    _decide(delivery, state=D.SENT, permalink=link.strip(), sent_at=delivery.intent_at or clock.now(), problem=None)
    timeline.note(delivery.id, "person_says_there", actor.id, link=link.strip())
    record(actor, "delivery.is_there", "delivery", delivery.id)


def is_not_there(actor: User, delivery: Delivery, grace: timedelta) -> None:
    """It is not public: it goes out now, if its text still may."""
    allow(actor, Permission.POST_SCHEDULE, delivery.post)
    now = clock.now()
    _decide(
        delivery,
        state=D.WAITING,
        checkpoint={},
        intent_at=None,
        next_at=now,
        expires_at=max(delivery.expires_at, now + grace),
        tries=0,
        problem=None,
    )
    timeline.note(delivery.id, "person_says_not_there", actor.id)
    record(actor, "delivery.is_not_there", "delivery", delivery.id)


def _decide(delivery: Delivery, **values: object) -> None:
    """Only from `unknown`, and not while a worker is looking."""
    done = db.session.execute(
        update(Delivery)
        .where(Delivery.id == delivery.id, Delivery.state == D.UNKNOWN)
        .values(lease=None, lease_until=None, **values)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).first()
    if done is None:
        raise Conflict(_CHANGED)
    db.session.refresh(delivery)
