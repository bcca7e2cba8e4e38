"""Letting people in and shutting them out."""

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from contentdesk.access.permissions import Actor, Permission, Role, allow, everywhere, may
from contentdesk.audit import services as audit
from contentdesk.lib import clock, ids
from contentdesk.lib.db import db
from contentdesk.lib.errors import Conflict, DomainError, NotPermitted
from contentdesk.lib.i18n import N_
from contentdesk.users import logins, passwords, sessions
from contentdesk.users.models import Invitation, SignInTries, User

KIM_ROLES = frozenset({Role.MEMBER, Role.CHAIR})
"""Roles that belong to one KIM; the others serve the whole city."""


def create(name: str, login: str, password: str, role: Role, kim_id: str | None = None) -> User:
    """Keeps a new person. The callers ask who may: an invitation, the command line, the demo."""
    kept_login = logins.normalized(login)
    if kept_login is None:
        raise DomainError(N_("Tulis nomor HP Indonesia, misalnya 0812-3456-7890, atau alamat surel."))
    if (role in KIM_ROLES) != (kim_id is not None):
        raise DomainError(N_("Anggota dan ketua perlu KIM. Peran lain tidak terikat satu KIM."))
    passwords.check(password, kept_login)
    user = User(name=name, login=kept_login, password_hash=passwords.hashed(password), role=role, kim_id=kim_id)
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError as error:
        raise Conflict(N_("Nomor HP atau surel ini sudah punya akun. Masuk dengan akun itu.")) from error
    return user


def create_admin(name: str, login: str, password: str) -> User:
    """For the command line: whoever may run it owns the service anyway."""
    user = create(name, login, password, Role.ADMIN)
    audit.record(None, "user.create", "user", user.id, role=user.role)
    return user


def may_manage(actor: Actor, user: User) -> bool:
    """Admins everybody, a ketua the members of the own KIM; nobody oneself."""
    if user.id == actor.id or not may(actor, Permission.PEOPLE_MANAGE, user):
        return False
    return everywhere(actor, Permission.PEOPLE_MANAGE) or user.role == Role.MEMBER


def allow_managing(actor: Actor, user: User) -> None:
    allow(actor, Permission.PEOPLE_MANAGE, user)
    if user.id == actor.id:
        raise DomainError(N_("Ini akun Anda sendiri. Minta admin lain yang melakukannya."))
    if not may_manage(actor, user):
        raise NotPermitted()


def disable(actor: Actor, user: User) -> None:
    """Shuts a person out at once, on all devices, with the open links they made."""
    allow_managing(actor, user)
    if user.disabled_at is not None:
        return
    if user.role == Role.ADMIN and _other_admins(user) == 0:
        raise DomainError(N_("Ini satu-satunya admin. Tambah admin lain dulu."))
    user.disabled_at = clock.now()
    sessions.end_all_of(user.id)
    db.session.execute(
        update(Invitation)
        .where(Invitation.created_by == user.id, Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    audit.record(actor, "user.disable", "user", user.id)


def _other_admins(user: User) -> int:
    """Locks the admins' rows: two who shut each other out at the same moment must not both succeed."""
    admins = db.session.scalars(
        select(User)
        .where(User.role == Role.ADMIN, User.disabled_at.is_(None))
        .order_by(User.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return len([admin for admin in admins if admin.id != user.id])


def enable(actor: Actor, user: User) -> None:
    allow_managing(actor, user)
    if user.disabled_at is None:
        return
    user.disabled_at = None
    audit.record(actor, "user.enable", "user", user.id)


def set_password(user: User, password: str) -> None:
    """Signs all devices out and opens a locked door. The caller asks who may."""
    passwords.check(password, user.login)
    user.password_hash = passwords.hashed(password)
    sessions.end_all_of(user.id)
    db.session.execute(delete(SignInTries).where(SignInTries.login_digest == ids.digest(user.login)))
