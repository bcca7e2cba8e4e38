"""Reading people."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from contentdesk.access.permissions import Actor, Permission, Role, scope
from contentdesk.kim.models import Kim
from contentdesk.lib.db import db
from contentdesk.lib.i18n import N_
from contentdesk.lib.pages import Page, page_of
from contentdesk.users.models import User, UserSession

ROLE_WORDS = {
    Role.MEMBER: N_("Anggota"),
    Role.CHAIR: N_("Ketua"),
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


def people(actor: Actor, search: str = "", number: int = 1) -> Page[Person]:
    """Whom the actor may see: the own KIM's people, or everybody; those who may sign in first. Three queries."""
    kim_id = scope(actor, Permission.PEOPLE_READ)
    query = select(User).outerjoin(User.kim).options(contains_eager(User.kim))
    if kim_id is not None:
        query = query.where(User.kim_id == kim_id)
    if search:
        query = query.where(
            or_(User.name.icontains(search, autoescape=True), Kim.name.icontains(search, autoescape=True))
        )
    query = query.order_by(User.disabled_at.is_not(None), Kim.name.is_not(None), Kim.name, User.name, User.id)
    page = page_of(query, number)
    seen = _last_seen([user.id for user in page.rows])
    rows = [Person(user, user.kim.name if user.kim else None, seen.get(user.id)) for user in page.rows]
    return Page(rows, page.number, page.total, page.per_page)


def _last_seen(user_ids: list[str]) -> dict[str, datetime]:
    query = (
        select(UserSession.user_id, func.max(UserSession.seen_at))
        .where(UserSession.user_id.in_(user_ids))
        .group_by(UserSession.user_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


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
