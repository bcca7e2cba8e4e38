"""Posts that are due soon on an account that does not work, or will not: its people hear of it while there is time."""

from datetime import datetime, timedelta

from sqlalchemy import Select, exists, or_, select, update

from contentdesk.channels import holders, queries, registry
from contentdesk.channels.models import Account, AccountState
from contentdesk.lib.db import db
from contentdesk.lib.i18n import N_
from contentdesk.notices.services import tell
from contentdesk.posts.models import Post
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState

AHEAD = timedelta(hours=24)
CHECK_EVERY = timedelta(hours=4)
STILL_TO_COME = (DeliveryState.WAITING, DeliveryState.PREPARING, DeliveryState.HELD)
ENDS_FIRST = N_(
    "Izin akun %(handle)s berakhir sebelum %(title)s terbit. Sambungkan lagi sekarang supaya terbit tepat waktu."
)
WAITS = N_("Akun %(handle)s terputus, padahal %(title)s terbit dalam 24 jam. Sambungkan lagi supaya tepat waktu.")


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


def warn(now: datetime) -> int:
    """Tells holders and authors of each account that will keep a post due soon waiting, once. Returns how many."""
    warned = 0
    for account in db.session.scalars(_in_need(now)):
        first = db.session.scalars(_soon(now).where(Delivery.account_id == account.id).order_by(Delivery.due_at)).all()
        late = [delivery for delivery in first if _keeps_waiting(account, delivery)]
        if late:
            account.warned_at = now
            _tell(account, late)
            warned += 1
    return warned


def _tell(account: Account, late: list[Delivery]) -> None:
    posts = {post.id: post for post in db.session.scalars(select(Post).where(Post.id.in_([d.post_id for d in late])))}
    sentence = ENDS_FIRST if account.state == AccountState.CONNECTED else WAITS
    title = posts[late[0].post_id].title
    people = [*holders.people(account), *(post.author_id for post in posts.values())]
    tell(people, sentence, f"/akun/{account.id}", handle=account.handle, title=title)


def _keeps_waiting(account: Account, delivery: Delivery) -> bool:
    ends = queries.ends_at(account)
    return account.state != AccountState.CONNECTED or (ends is not None and ends <= delivery.due_at)


def _in_need(now: datetime) -> Select[Account]:
    """Not warned yet, and lost or at its end before a day is over."""
    ends_soon = or_(Account.token_expires_at <= now + AHEAD, Account.refresh_expires_at <= now + AHEAD)
    return select(Account).where(
        Account.warned_at.is_(None),
        Account.by_hand.is_(False),
        Account.state != AccountState.CLOSED,
        or_(Account.state != AccountState.CONNECTED, ends_soon),
        exists(_soon(now).where(Delivery.account_id == Account.id)),
    )


def _soon(now: datetime) -> Select[Delivery]:
    return select(Delivery).where(
        Delivery.state.in_(STILL_TO_COME), Delivery.due_at <= now + AHEAD, Delivery.expires_at > now
    )
