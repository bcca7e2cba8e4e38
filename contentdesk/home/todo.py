"""What waits for the members of a KIM, the most urgent first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from contentdesk.access.permissions import Actor, Permission, scope, somewhere
from contentdesk.channels import registry
from contentdesk.channels.queries import lacks_permission, stopped_since
from contentdesk.home import queries
from contentdesk.lib import clock
from contentdesk.posts.models import Post
from contentdesk.posts.states import PostState
from contentdesk.publishing import hold_wording, offers, outages, take_downs
from contentdesk.publishing.handwork import is_mine
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.offers import Offer
from contentdesk.publishing.queries import tasks
from contentdesk.publishing.states import DeliveryState, Removal
from contentdesk.publishing.take_downs import Stop, TakeDown
from contentdesk.publishing.wording import deadline, problem_of, soon


@dataclass(frozen=True)
class Todo:
    """One line of "Perlu dikerjakan"."""

    post_id: str
    url: str
    state: str
    title: str
    about: str = ""
    due: str = ""
    offer: Offer | None = None
    """What was too late brings its own buttons."""


def of_kim(actor: Actor, kim_id: str, city_grace: timedelta) -> list[Todo]:
    """First what an owner wants gone: that is their right. Then accounts that keep posts waiting, what is done by hand,
    what has a note, what went wrong, what has no time.
    """
    posts = queries.waiting_for_author(kim_id)
    noted = [post for post in posts if post.state == PostState.CHANGES_ASKED]
    notes = queries.newest_notes([post.id for post in noted])
    stops = take_downs.stops([post.id for post in posts])
    late = offers.of_kim(kim_id, city_grace)
    offered = {row.id for one in late for row in one.expired}
    return [
        *(_to_go(one) for one in take_downs.pending(kim_id)),
        *of_accounts(actor),
        *_all_by_hand(actor, kim_id),
        *(_with_note(post, notes.get(post.id, "")) for post in noted),
        *map(_offered, late),
        *(_stuck(delivery) for delivery in queries.stuck(kim_id) if delivery.id not in offered),
        *(_edited(post) for post in posts if post.state == PostState.DRAFT),
        *(_without_time(post, stops[post.id]) for post in posts if post.state == PostState.APPROVED),
    ]


def _to_go(one: TakeDown) -> Todo:
    delivery = one.delivery
    return Todo(
        delivery.post_id,
        url_for("publishing.to_take_down", business_id=one.business_id),
        Removal.DUE,
        _("Hapus dari %(channel)s", channel=registry.name(delivery.account.kind)),
        _("%(title)s. Persetujuan %(name)s dicabut.", title=delivery.post.title, name=one.business),
        _("Paling lambat %(time)s", time=soon(one.deadline)),
    )


def of_accounts(actor: Actor, most: int = 20) -> list[Todo]:
    """Accounts that have stopped, for who may connect them again. Whose post is due first comes first."""
    if not somewhere(actor, Permission.ACCOUNT_MANAGE):
        return []
    now = clock.now()
    return [_to_mend(one, now) for one in queries.stopped(scope(actor, Permission.ACCOUNT_MANAGE), now, most)]


def _to_mend(one: queries.Stopped, now: datetime) -> Todo:
    account, lacks = one.account, lacks_permission(one.account)
    what = _("Lengkapi izin %(channel)s") if lacks else _("Sambungkan lagi %(channel)s")
    return Todo(
        "",
        url_for("channels.account", account_id=account.id),
        outages.STOPPED,
        f"{what % {'channel': registry.name(account.kind)}}, {account.handle}",
        f"{outages.since_when(account, stopped_since(account, now) or now)} {_waiting(one.posts)}",
        _first_due(one.first_due, now) if one.first_due else "",
    )


def _waiting(posts: int) -> str:
    if not posts:
        return str(_("Belum ada unggahan yang menunggu."))
    return str(ngettext("%(num)s unggahan menunggu.", "%(num)s unggahan menunggu.", posts))


def _first_due(due: datetime, now: datetime) -> str:
    when = soon(due)
    return str(_("Seharusnya terbit %(when)s", when=when) if due <= now else _("Terdekat %(when)s", when=when))


def _all_by_hand(actor: Actor, kim_id: str) -> list[Todo]:
    """What is held is shown to who has it in hand only: not to be posted."""
    found = tasks(kim_id)
    held = hold_wording.of(found)
    return [
        *(_not_now(task, held[task.id].about) for task in found if task.id in held and is_mine(actor, task)),
        *(_by_hand(task) for task in found if task.id not in held),
    ]


def _not_now(task: Delivery, why: str) -> Todo:
    title = _("Jangan unggah dulu: %(title)s", title=task.post.title)
    return Todo(task.post_id, url_for("publishing.task", delivery_id=task.id), DeliveryState.HELD, title, why)


def _by_hand(task: Delivery) -> Todo:
    return Todo(
        task.post_id,
        url_for("publishing.task", delivery_id=task.id),
        task.state,
        _("Unggah ke %(channel)s", channel=registry.name(task.account.kind)),
        task.post.title,
        deadline(task),
    )


def _with_note(post: Post, note: str) -> Todo:
    return Todo(post.id, url_for("home.post", id=post.id), post.state, post.title, _("1 catatan: %(note)s", note=note))


def of_planner(actor: Actor, city_grace: timedelta) -> list[Todo]:
    """What was too late of all that `actor` planned, for who has no KIM."""
    return [_offered(one) for one in offers.planned_by(actor.id, city_grace)]


def _offered(one: Offer) -> Todo:
    return Todo(one.post.id, url_for("home.post", id=one.post.id), DeliveryState.EXPIRED, one.post.title, offer=one)


def _stuck(delivery: Delivery) -> Todo:
    about = f"{registry.name(delivery.account.kind)}: {problem_of(delivery)}".rstrip(": ")
    url = url_for("publishing.delivery", delivery_id=delivery.id)
    return Todo(delivery.post_id, url, delivery.state, delivery.post.title, about)


def _edited(post: Post) -> Todo:
    about = _("Diubah setelah dijadwalkan. Kirim lagi untuk ditinjau, supaya tetap terbit.")
    return Todo(post.id, url_for("home.post", id=post.id), post.state, post.title, about)


def _without_time(post: Post, stop: Stop) -> Todo:
    if stop.names:
        said = _("Persetujuan %(name)s dicabut, jadi belum bisa dijadwalkan.", name=", ".join(stop.names))
        return Todo(post.id, url_for("home.post", id=post.id), Removal.STOPPED, post.title, said)
    url = url_for("publishing.schedule", post_id=post.id)
    return Todo(post.id, url, post.state, post.title, _("Waktu terbit belum dipilih."))
