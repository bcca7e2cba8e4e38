"""Posts that are due soon on an account that does not work, or will not: its people hear of it while there is time."""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, or_, select, update
from sqlalchemy.orm import joinedload

from contentdesk.channels import holders, queries, registry
from contentdesk.channels.models import STOPPED, Account, AccountState
from contentdesk.lib.db import db
from contentdesk.lib.i18n import N_
from contentdesk.notices.services import tell
from contentdesk.posts.models import Post
from contentdesk.posts.states import PostState
from contentdesk.publishing import timeline
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState

log = logging.getLogger(__name__)
AHEAD = timedelta(hours=24)
CHECK_EVERY = timedelta(hours=4)
STILL_TO_COME = (DeliveryState.WAITING, DeliveryState.PREPARING, DeliveryState.HELD)
ENDS_FIRST = N_(
    "Izin akun %(handle)s berakhir sebelum %(title)s terbit. Sambungkan lagi sekarang supaya terbit tepat waktu."
)
WAITS = N_("Akun %(handle)s terputus, padahal %(title)s terbit dalam 24 jam. Sambungkan lagi supaya tepat waktu.")
WAITS_FOR_PERMISSION = N_(
    "Izin akun %(handle)s kurang, padahal %(title)s terbit dalam 24 jam. Lengkapi izinnya supaya tepat waktu."
)
JUST_TOLD = timedelta(hours=1)
"""Who heard so shortly before its time that a post will wait need not hear it again."""
MISSED = N_(
    "%(title)s belum terbit di %(channel)s: akun %(handle)s terputus. Naskah tersimpan, dan menunggu akunnya "
    "disambungkan lagi."
)
MISSED_FOR_PERMISSION = N_(
    "%(title)s belum terbit di %(channel)s: izin akun %(handle)s kurang. Naskah tersimpan, dan menunggu izinnya "
    "dilengkapi."
)


def accounts_to_check(now: datetime, limit: int = 30) -> list[str]:
    """Ids of working accounts behind posts due soon that were not looked at for hours."""
    kinds = [kind for kind in registry.KINDS if registry.checkable(kind) or registry.renewable(kind)]
    query = select(Account.id).where(
        Account.state == AccountState.CONNECTED,
        Account.by_hand.is_(False),
        Account.kind.in_(kinds),
        or_(Account.checked_at.is_(None), Account.checked_at <= now - CHECK_EVERY),
        exists(_soon(now).where(Delivery.account_id == Account.id)),
    )
    return list(db.session.scalars(query.order_by(Account.checked_at, Account.id).limit(limit)))


def claim_check(account_id: str, now: datetime) -> bool:
    """One worker looks at an account in all these hours."""
    taken = db.session.scalar(
        update(Account)
        .where(Account.id == account_id, Account.state == AccountState.CONNECTED)
        .where(or_(Account.checked_at.is_(None), Account.checked_at <= now - CHECK_EVERY))
        .values(checked_at=now)
        .returning(Account.id)
    )
    return taken is not None


def check_again(account_id: str) -> None:
    """The platform could not be asked: the next round asks again."""
    db.session.execute(update(Account).where(Account.id == account_id).values(checked_at=None))


def warn(now: datetime, among: Collection[str] | None = None) -> int:
    """Tells holders and authors of each post due soon that its account will keep waiting, once for each such post.

    Who heard for one post hears again for another, and after somebody signed in anew. `among`: ids of deliveries that
    were just planned. Returns for how many accounts people were told.
    """
    warned = 0
    for account in db.session.scalars(_in_need(now, among)).all():
        soon = _soon(now, among).where(Delivery.account_id == account.id).order_by(Delivery.due_at, Delivery.id)
        late = [one for one in db.session.scalars(soon) if _keeps_waiting(account, one) and not _heard(account, one)]
        mine = _mark(late, now)
        if mine:
            _tell(account, mine)
            warned += 1
    return warned


def missed(delivery_id: str, now: datetime) -> bool:
    """Its time has come and its account has stopped: its author hears of it once, however often it is tried.

    The holders heard when it stopped, or when the post was planned.
    """
    query = select(Delivery).join(Delivery.account).join(Delivery.post).where(Delivery.id == delivery_id)
    query = query.where(Account.state.in_(STOPPED), Post.state == PostState.SCHEDULED, Delivery.expires_at > now)
    query = query.where(Delivery.state.in_(STILL_TO_COME), Delivery.due_at <= now)
    query = query.options(joinedload(Delivery.account), joinedload(Delivery.post))
    delivery = db.session.scalar(query.execution_options(populate_existing=True))
    if delivery is None or _heard(delivery.account, delivery, JUST_TOLD) or not _mark([delivery], now):
        return False
    account = delivery.account
    log.warning("delivery %s waits: account %s (%s) is %s", delivery.id, account.id, account.kind, account.state)
    timeline.note(delivery.id, "author_told")
    sentence = MISSED_FOR_PERMISSION if queries.lacks_permission(account) else MISSED
    words = {"title": delivery.post.title, "channel": registry.name(account.kind), "handle": account.handle}
    tell([delivery.post.author_id], sentence, f"/unggahan/{delivery.post_id}", **words)
    return True


def _heard(account: Account, delivery: Delivery, ahead: timedelta = AHEAD) -> bool:
    """A renewal is no reason to tell it again; another day's plan is, and a sign-in that did not last."""
    if delivery.warned_at is None:
        return False
    since = delivery.due_at - ahead
    return delivery.warned_at >= (max(since, account.connected_at) if account.connected_at else since)


def _mark(late: Sequence[Delivery], now: datetime) -> list[Delivery]:
    """Of two workers that look at once, one tells."""
    return [
        delivery
        for delivery in late
        if db.session.scalar(
            update(Delivery)
            .where(Delivery.id == delivery.id, Delivery.warned_at.is_not_distinct_from(delivery.warned_at))
            .values(warned_at=now)
            .returning(Delivery.id)
            .execution_options(synchronize_session=False)
        )
    ]


def _tell(account: Account, late: list[Delivery]) -> None:
    posts = {post.id: post for post in db.session.scalars(select(Post).where(Post.id.in_([d.post_id for d in late])))}
    waits = WAITS_FOR_PERMISSION if queries.lacks_permission(account) else WAITS
    sentence = ENDS_FIRST if account.state == AccountState.CONNECTED else waits
    title = posts[late[0].post_id].title
    people = [*holders.people(account), *(post.author_id for post in posts.values())]
    tell(people, sentence, f"/akun/{account.id}", handle=account.handle, title=title)


def _keeps_waiting(account: Account, delivery: Delivery) -> bool:
    ends = queries.ends_at(account)
    return account.state != AccountState.CONNECTED or (ends is not None and ends <= delivery.due_at)


def _in_need(now: datetime, among: Collection[str] | None) -> Select[Account]:
    """Lost, or at its end before a day is over."""
    ends_soon = or_(Account.token_expires_at <= now + AHEAD, Account.refresh_expires_at <= now + AHEAD)
    return select(Account).where(
        Account.by_hand.is_(False),
        Account.state != AccountState.CLOSED,
        or_(Account.state != AccountState.CONNECTED, ends_soon),
        exists(_soon(now, among).where(Delivery.account_id == Account.id)),
    )


def _soon(now: datetime, among: Collection[str] | None = None) -> Select[Delivery]:
    soon = select(Delivery).where(
        Delivery.state.in_(STILL_TO_COME), Delivery.due_at <= now + AHEAD, Delivery.expires_at > now
    )
    return soon if among is None else soon.where(Delivery.id.in_(among))
