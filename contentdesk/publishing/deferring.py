"""Deliveries that we ourselves hold back because a platform has no room or is down: no try is used up."""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from contentdesk.access.permissions import Role
from contentdesk.channels import registry
from contentdesk.channels.models import Account, AccountState
from contentdesk.channels.quotas import Deferred
from contentdesk.lib.db import db
from contentdesk.lib.i18n import N_
from contentdesk.notices.services import tell
from contentdesk.publishing import claims, outcomes, timeline
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.outgoing import Work
from contentdesk.publishing.states import DeliveryState
from contentdesk.users.queries import ids_with_role

log = logging.getLogger(__name__)
D = DeliveryState
DOWN = N_("%(platform)s sedang terganggu. Unggahan menunggu dan dikirim begitu pulih.")
DOWN_SERVER = N_("Server %(server)s sedang terganggu. Unggahan menunggu dan dikirim begitu pulih.")
DOWN_FOR_ACCOUNT = N_(
    "%(platform)s sedang tidak menjawab untuk akun %(handle)s. Unggahan menunggu dan dikirim begitu pulih."
)
BROKE_DOWN = N_(
    "%(platform)s sedang terganggu%(server)s. Unggahan ke sana menunggu dan dikirim begitu pulih. Tidak perlu "
    "berbuat apa-apa."
)
IS_WELL = N_("%(platform)s sudah pulih%(server)s. Unggahan yang menunggu sedang dikirim.")
WHERE_TOLD = "/akun"
AT_MOST_A_SECOND = 20
"""So many of those that waited leave each second, so that a platform that has just recovered is not overrun."""
WITHIN = timedelta(hours=1)
FEWEST_S, MOST_S = 5, 300


def put_off(work: Work, error: Deferred, now: datetime, *, ready: bool = False) -> None:
    """Back to waiting, as far prepared as it was. `ready`: only the irreversible call is left."""
    values = {"ready_at": now} if ready else {}
    again = now + error.after
    if claims.settle(
        work.delivery_id,
        work.lease,
        (D.PREPARING,),
        state=D.WAITING,
        next_at=min(again, work.due_at) if work.due_at > now else again,
        problem=error.sentence,
        problem_values=dict(error.values),
        **values,
    ):
        _note_once(work.delivery_id, error.code)


def look_later(work: Work, error: Deferred, now: datetime) -> None:
    """What may be public stays so. Who waits for it longer than platforms take to say something is asked."""
    if work.intent_at is not None and now - work.intent_at > outcomes.LOOKED_FOR:
        outcomes.look_failed(work, error, now)
    elif claims.settle(work.delivery_id, work.lease, (D.UNKNOWN, D.ACCEPTED), next_at=now + error.after):
        _note_once(work.delivery_id, error.code)


def _note_once(delivery_id: str, code: str) -> None:
    """However often it comes back meanwhile: a thousand lines tell no more than one."""
    newest = timeline.newest(delivery_id)
    if newest is None or (newest.what, newest.detail.get("code")) != ("deferred", code):
        timeline.note(delivery_id, "deferred", code=code)


def accounts_at(kind: str, server: str) -> list[str]:
    """Ids of the connected accounts on a platform, or on one server of it."""
    query = select(Account.id, Account.details).where(Account.kind == kind, Account.state == AccountState.CONNECTED)
    return [key for key, details in db.session.execute(query) if registry.server(kind, details) == server]


def release(account_ids: Collection[str], now: datetime) -> int:
    """What waited for the end of an outage leaves within seconds, one after the other. Returns how many."""
    waiting = db.session.scalars(
        select(Delivery.id)
        .where(
            Delivery.account_id.in_(account_ids),
            Delivery.state.in_((D.WAITING, D.UNKNOWN, D.ACCEPTED)),
            Delivery.next_at > now,
            Delivery.next_at <= now + WITHIN,
            Delivery.lease.is_(None),
            (Delivery.state != D.WAITING) | Delivery.problem.in_((DOWN, DOWN_SERVER, DOWN_FOR_ACCOUNT)),
        )
        .order_by(Delivery.due_at, Delivery.id)
    ).all()
    seconds = min(max(-(-len(waiting) // AT_MOST_A_SECOND), FEWEST_S), MOST_S)
    for late in range(seconds):
        _come(waiting[late::seconds], now + timedelta(seconds=late))
    return len(waiting)


def _come(delivery_ids: Sequence[str], next_at: datetime) -> None:
    if delivery_ids:
        db.session.execute(
            update(Delivery)
            .where(Delivery.id.in_(delivery_ids), Delivery.lease.is_(None))
            .values(next_at=next_at)
            .execution_options(synchronize_session=False)
        )


def tell_of(kind: str, server: str, *, is_down: bool) -> None:
    """Those who look after the whole; the authors read it on their posts."""
    people = [*ids_with_role(Role.ADMIN), *ids_with_role(Role.REVIEWER)]
    at_server = f" ({server})" if server else ""
    tell(people, BROKE_DOWN if is_down else IS_WELL, WHERE_TOLD, platform=registry.name(kind), server=at_server)
