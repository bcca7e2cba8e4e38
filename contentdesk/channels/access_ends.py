"""The right to read that ends although the login lives on: its holders hear of it twice, while there is time."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from contentdesk.channels import holders, registry
from contentdesk.channels.models import Account, AccountState
from contentdesk.channels.queries import READING_ENDS_SOON
from contentdesk.lib import words
from contentdesk.lib.db import db
from contentdesk.lib.i18n import N_
from contentdesk.notices.services import tell

STAGES = (READING_ENDS_SOON, timedelta(days=3))
"""So long before the end."""
READING_ENDS = N_(
    "Hak membaca angka dan komentar akun %(handle)s berakhir %(date)s. Buka halaman akunnya, pilih Sambungkan lagi, "
    "lalu masuk di %(platform)s. Unggahan tetap terbit."
)


def warn(now: datetime) -> int:
    """Each account's holders hear once at each stage. Who signs in again begins anew. Returns how many accounts."""
    near = Account.access_ends_at.is_not(None) & Account.access_ends_at.between(now, now + max(STAGES))
    query = select(Account).where(Account.state == AccountState.CONNECTED, near).order_by(Account.id)
    due = [account for account in db.session.scalars(query).all() if _is_time(account, now) and _mark(account, now)]
    for account in due:
        assert account.access_ends_at is not None
        told = {"platform": registry.name(account.via or account.kind), "date": words.day(account.access_ends_at)}
        tell(holders.people(account), READING_ENDS, f"/akun/{account.id}", handle=account.handle, **told)
    return len(due)


def _is_time(account: Account, now: datetime) -> bool:
    """Whether a stage has begun since they were told last."""
    assert account.access_ends_at is not None
    begun = [account.access_ends_at - stage for stage in STAGES if account.access_ends_at - stage <= now]
    return account.access_warned_at is None or account.access_warned_at < max(begun)


def _mark(account: Account, now: datetime) -> bool:
    """Of two workers that look at once, one tells."""
    marked = db.session.scalar(
        update(Account)
        .where(Account.id == account.id, Account.access_warned_at.is_not_distinct_from(account.access_warned_at))
        .values(access_warned_at=now)
        .returning(Account.id)
        .execution_options(synchronize_session=False)
    )
    return marked is not None
