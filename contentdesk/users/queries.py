"""Reading people."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from contentdesk.access.permissions import Actor, Permission, Role, scope
from contentdesk.kim.models import Kim
from contentdesk.lib.db import db
from contentdesk.lib.i18n import N_
from contentdesk.users.models import User, UserSession

ROLE_WORDS = {
    Role.MEMBER: N_("Anggota KIM"),
    Role.CHAIR: N_("Ketua KIM"),
    Role.REVIEWER: N_("Peninjau"),
    Role.JUDGE: N_("Juri"),
    Role.ADMIN: N_("Admin"),
}


@dataclass(frozen=True)
class Person:
    """A line of the list of people."""

    user: User
    kim_name: str | None
    last_seen: datetime | None

    @property
    def role_word(self) -> str:
        return ROLE_WORDS[Role(self.user.role)]


def by_login(login: str) -> User | None:
    return db.session.scalar(select(User).where(User.login == login))


def person(user_id: str) -> User | None:
    """With the KIM."""
    return db.session.scalar(select(User).where(User.id == user_id).options(joinedload(User.kim)))


def people(actor: Actor) -> list[Person]:
    """Whom the actor may see: the own KIM's people, or everybody; those who may sign in first."""
    kim_id = scope(actor, Permission.PEOPLE_READ)
    last_seen = func.max(UserSession.seen_at)
    query = (
        select(User, Kim.name, last_seen)
        .outerjoin(Kim, Kim.id == User.kim_id)
        .outerjoin(UserSession, UserSession.user_id == User.id)
        .group_by(User.id, Kim.name)
        .order_by(User.disabled_at.is_not(None), Kim.name.is_not(None), Kim.name, User.name)
    )
    if kim_id is not None:
        query = query.where(User.kim_id == kim_id)
    return [Person(*row) for row in db.session.execute(query)]


def ids_with_role(role: Role, kim_id: str | None = None) -> list[str]:
    """Ids of the people of this role who may sign in; of one KIM if said. For notices."""
    query = select(User.id).where(User.role == role, User.disabled_at.is_(None))
    return list(db.session.scalars(query.where(User.kim_id == kim_id) if kim_id else query))


def ids_of_kim(kim_id: str) -> list[str]:
    """Ids of everybody in a KIM who may sign in. For notices."""
    return list(db.session.scalars(select(User.id).where(User.kim_id == kim_id, User.disabled_at.is_(None))))


def names(user_ids: set[str]) -> dict[str, str]:
    """Names by id, in one query."""
    return {row.id: row.name for row in db.session.execute(select(User.id, User.name).where(User.id.in_(user_ids)))}
