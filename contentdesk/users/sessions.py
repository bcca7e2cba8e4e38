"""Sessions on devices. The cookie holds a secret, the table its digest: a stolen table opens nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from contentdesk.access.permissions import Actor, Permission, allow
from contentdesk.audit import services as audit
from contentdesk.kim.models import Kim
from contentdesk.lib import clock, ids
from contentdesk.lib.db import db
from contentdesk.lib.errors import NotFound
from contentdesk.regions.models import City
from contentdesk.users.models import User, UserSession

SHARED_LASTS = timedelta(minutes=30)
LASTS = timedelta(days=60)
"""Without use."""
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class SignedIn:
    """The person of this request: plain values, so that reading them never asks the database again."""

    secret: str
    session_id: str
    shared: bool
    seen_at: datetime
    id: str
    name: str
    login: str
    role: str
    kim_id: str | None
    kim_name: str | None
    city_name: str
    locale: str
    theme: str

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What the cookie holds."""
        return self.secret


def open_session(user: User, device: str, shared: bool) -> str:
    """Signs `user` in on a device; returns the secret for the cookie, which is kept nowhere else."""
    secret = ids.secret()
    row = UserSession(user_id=user.id, token_digest=ids.digest(secret), device=device, shared=shared)
    db.session.add(row)
    db.session.flush()
    audit.record(user, "user.sign_in", "session", row.id, shared=shared)
    return secret


def person_of(secret: str, city_code: str) -> SignedIn | None:
    """Who holds this secret, in one query; None if the session ended or the person may no longer sign in."""
    city_name = select(City.name).where(City.code == city_code).scalar_subquery()
    found = db.session.execute(
        select(UserSession, User, Kim.name, city_name)
        .join(User, User.id == UserSession.user_id)
        .outerjoin(Kim, Kim.id == User.kim_id)
        .where(UserSession.token_digest == ids.digest(secret))
        .where(UserSession.ended_at.is_(None), User.disabled_at.is_(None))
    ).first()
    if found is None:
        return None
    row, user, kim_name, city = found
    if clock.now() - row.seen_at >= (SHARED_LASTS if row.shared else LASTS):
        return None
    return SignedIn(
        secret=secret,
        session_id=row.id,
        shared=row.shared,
        seen_at=row.seen_at,
        id=user.id,
        name=user.name,
        login=user.login,
        role=user.role,
        kim_id=user.kim_id,
        kim_name=kim_name,
        city_name=city or "",
        locale=user.locale,
        theme=user.theme,
    )


def is_use_worth_noting(person: SignedIn) -> bool:
    return clock.now() - person.seen_at >= SEEN_EVERY


def note_use(person: SignedIn) -> None:
    """Keeps the session awake. Of two requests at once one writes."""
    db.session.execute(
        update(UserSession)
        .where(UserSession.id == person.session_id, UserSession.seen_at == person.seen_at)
        .values(seen_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def open_sessions(user_id: str) -> list[UserSession]:
    """The devices a person is signed in on, the last used first."""
    rows = db.session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .order_by(UserSession.seen_at.desc())
    )
    now = clock.now()
    return [row for row in rows if now - row.seen_at < (SHARED_LASTS if row.shared else LASTS)]


def end_session(actor: Actor, session_id: str) -> None:
    """Signs one device of one's own out."""
    allow(actor, Permission.OWN_ACCOUNT)
    row = db.session.get(UserSession, session_id)
    if row is None or row.user_id != actor.id:
        raise NotFound()
    if row.ended_at is None:
        row.ended_at = clock.now()
        audit.record(actor, "user.sign_out", "session", row.id)


def end_everywhere(actor: Actor) -> int:
    """Signs all devices of one's own out; returns how many there were."""
    allow(actor, Permission.OWN_ACCOUNT)
    count = end_all_of(actor.id)
    audit.record(actor, "user.sign_out_everywhere", "user", actor.id, sessions=count)
    return count


def end_all_of(user_id: str) -> int:
    """For acts that shut a person out; those ask for permission and write the log."""
    ended = db.session.scalars(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .values(ended_at=clock.now())
        .returning(UserSession.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(ended)
