"""What a page says of a delivery that waits because its account has stopped: since when, who was told, what to do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from babel.lists import format_list
from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import and_, or_, select

from contentdesk.access.permissions import Actor, Permission, may
from contentdesk.channels import holders, queries, registry
from contentdesk.channels.models import Account
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.i18n import N_
from contentdesk.lib.sentences import sentence
from contentdesk.notices.models import Notice
from contentdesk.posts.states import PostState
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.publishing.wording import soon
from contentdesk.users.models import User

STOPPED = "stopped"
"""In place of the state of a delivery that could go out but for its account; as `tag` calls it."""
ENDED = N_("Izin akun %(handle)s sudah berakhir. Sambungkan lagi.")


@dataclass(frozen=True)
class Outage:
    about: str
    url: str
    action: str
    """What the link says; its page says more."""


def since(delivery: Delivery, now: datetime) -> datetime | None:
    """Since when its account keeps it waiting; None: it does not. `delivery` with its account."""
    waits = delivery.state in (DeliveryState.WAITING, DeliveryState.PREPARING)
    return queries.stopped_since(delivery.account, now) if waits else None


def state_of(delivery: Delivery, now: datetime) -> str:
    """What people are told: what is prepared before its time is planned still."""
    if since(delivery, now):
        return STOPPED
    is_early = delivery.state == DeliveryState.PREPARING and delivery.due_at > now
    return DeliveryState.WAITING if is_early else delivery.state


def of(actor: Actor, deliveries: Iterable[Delivery]) -> dict[str, Outage]:
    """By delivery id, of those that wait for their account. `deliveries` with post and account."""
    now = clock.now()
    waiting = [one for one in deliveries if one.post.state == PostState.SCHEDULED and since(one, now)]
    accounts = {one.account_id: one.account for one in waiting}
    told = _told({each.id: (each, queries.stopped_since(each, now) or now) for each in accounts.values()})
    said = {key: _of(actor, each, now, told.get(key, [])) for key, each in accounts.items()}
    return {one.id: said[one.account_id] for one in waiting}


def _of(actor: Actor, account: Account, now: datetime, told: list[str]) -> Outage:
    stopped = queries.stopped_since(account, now) or now
    mends = may(actor, Permission.ACCOUNT_MANAGE, account)
    lacks = queries.lacks_permission(account)
    mend = _("Lengkapi izinnya") if lacks else _("Sambungkan lagi")
    parts = [_why(account), since_when(account, stopped), _said_of(told, mends)]
    about = " ".join(part for part in parts if part)
    return Outage(about, url_for("channels.account", account_id=account.id), mend if mends else _("Lihat akunnya"))


def _why(account: Account) -> str:
    about = {"handle": account.handle, "platform": registry.name(account.kind)}
    return sentence(account.problem or ENDED, about | account.problem_values)


def since_when(account: Account, stopped: datetime) -> str:
    """In a sentence of its own."""
    when = soon(stopped)
    if queries.lacks_permission(account):
        return str(_("Izinnya kurang sejak %(when)s.", when=when))
    return str(_("Terputus sejak %(when)s.", when=when))


def _told(stopped: Mapping[str, tuple[Account, datetime]]) -> dict[str, list[str]]:
    """By account id, who got a notice about it since, of those who can do something. In one query for all."""
    if not stopped:
        return {}
    paths = {f"/akun/{key}": key for key in stopped}
    asked = [
        and_(Notice.path == f"/akun/{key}", Notice.created_at >= moment, holders.is_one_of_people(account))
        for key, (account, moment) in stopped.items()
    ]
    query = select(Notice.path, User.name).join(Notice, Notice.user_id == User.id).where(or_(*asked)).distinct()
    found: dict[str, list[str]] = {}
    for path, name in db.session.execute(query.order_by(User.name)):
        found.setdefault(paths[path], []).append(name)
    return found


def _said_of(names: list[str], mends: bool) -> str:
    if not names:
        return "" if mends else str(_("Beri tahu ketua KIM atau admin kota."))
    said = format_list(names, locale=str(get_locale() or "id"))
    if mends:
        return str(_("Sudah diberi tahu: %(names)s.", names=said))
    return str(_("Yang bisa menyambungkannya lagi sudah diberi tahu: %(names)s.", names=said))
