"""Signing in, in three steps, so that the slow check of a password holds no lock:

`count_try` (written) → `who_is` (reads) → `welcome` (written). Every try is counted before it is checked:
many at once get no more of them.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from contentdesk.lib import clock, ids, words
from contentdesk.lib.db import db, is_sqlite
from contentdesk.lib.errors import TooOften
from contentdesk.lib.i18n import N_
from contentdesk.users import logins, passwords, sessions
from contentdesk.users.models import SignInTries, User

TRIES = 10
LOCKED_FOR = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(days=1)


def digest_of(typed_login: str) -> str:
    return ids.digest(logins.normalized(typed_login) or typed_login.strip().lower())


def count_try(typed_login: str) -> None:
    """Counts one try. Raises TooOften after ten wrong ones, for known and unknown logins alike."""
    now = clock.now()
    row = _row_of(digest_of(typed_login))
    if row.locked_until and row.locked_until > now:
        raise _too_often(row.locked_until)
    if row.locked_until or now - row.last_at > FORGOTTEN_AFTER:
        row.count, row.locked_until = 0, None
    row.count, row.last_at = row.count + 1, now
    if row.count >= TRIES:
        row.locked_until = now + LOCKED_FOR


def _too_often(until: datetime) -> TooOften:
    return TooOften(
        N_("Sudah %(count)s kali belum cocok, jadi kami tutup dulu sampai pukul %(until)s WIB. Sandi Anda tetap sama."),
        count=TRIES,
        until=words.hour(until + timedelta(minutes=1) - timedelta(microseconds=1)),
    )


def _row_of(digest: str) -> SignInTries:
    """The row of this login, locked; made if there is none, while old ones are thrown away."""
    find = select(SignInTries).where(SignInTries.login_digest == digest).with_for_update()
    row = db.session.scalar(find)
    if row is None:
        now = clock.now()
        db.session.execute(delete(SignInTries).where(SignInTries.last_at < now - FORGOTTEN_AFTER))
        insert = (sqlite if is_sqlite() else postgresql).insert(SignInTries)
        db.session.execute(insert.values(login_digest=digest, count=0, last_at=now).on_conflict_do_nothing())
        row = db.session.scalars(find).one()
    return row


def who_is(typed_login: str, password: str) -> User | None:
    """The person with this login and password. Takes the same time whether the login exists or not."""
    login = logins.normalized(typed_login)
    user = db.session.scalar(select(User).where(User.login == login, User.disabled_at.is_(None))) if login else None
    return user if passwords.fits(password, user.password_hash if user else None) else None


def refuse(typed_login: str) -> None:
    """After a wrong try: raises TooOften if it was the last."""
    row = db.session.get(SignInTries, digest_of(typed_login))
    if row is not None and row.locked_until and row.locked_until > clock.now():
        raise _too_often(row.locked_until)


def welcome(user_id: str, password: str, device: str, shared: bool) -> str:
    """Opens a session and returns its secret. Forgets the wrong tries, renews a hash made with old settings."""
    user = db.session.get_one(User, user_id)
    db.session.execute(delete(SignInTries).where(SignInTries.login_digest == ids.digest(user.login)))
    if passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hashed(password)
    return sessions.open_session(user, device, shared)
