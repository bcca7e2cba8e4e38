"""Links that let somebody in, or let somebody choose a new password. Used once, valid for seven days."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import joinedload

from contentdesk.access.permissions import Actor, Permission, Place, Role, allow, everywhere, scope
from contentdesk.audit import services as audit
from contentdesk.kim.models import Kim
from contentdesk.lib import clock, ids
from contentdesk.lib.db import db
from contentdesk.lib.errors import DomainError, NotFound, NotPermitted
from contentdesk.lib.i18n import N_
from contentdesk.users import people
from contentdesk.users.models import Invitation, User

VALID_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Made:
    """An invitation with its secret, which only the maker sees, once."""

    invitation: Invitation
    secret: str


def invitable_roles(actor: Actor) -> list[Role]:
    return list(Role) if everywhere(actor, Permission.PEOPLE_INVITE) else [Role.MEMBER]


def invite(actor: Actor, role: Role, kim_id: str | None) -> Made:
    """Admins invite any role, a ketua members of the own KIM."""
    kim_id = kim_id if role in people.KIM_ROLES else None
    allow(actor, Permission.PEOPLE_INVITE, Place(kim_id))
    if role not in invitable_roles(actor):
        raise NotPermitted()
    if role in people.KIM_ROLES:
        _check_kim(kim_id)
    made = _make(actor, role=role, kim_id=kim_id)
    audit.record(actor, "invitation.create", "invitation", made.invitation.id, role=role)
    return made


def _check_kim(kim_id: str | None) -> None:
    kim = db.session.get(Kim, kim_id) if kim_id else None
    if kim is None or kim.closed_at is not None:
        raise DomainError(N_("Pilih KIM untuk peran ini."))


def invite_to_new_password(actor: Actor, user: User) -> Made:
    """A link with which `user` chooses a new password. Older ones stop working."""
    people.allow_managing(actor, user)
    if user.disabled_at is not None:
        raise DomainError(N_("Akun ini nonaktif. Aktifkan dulu."))
    db.session.execute(
        update(Invitation)
        .where(Invitation.user_id == user.id, Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    made = _make(actor, role=user.role, kim_id=user.kim_id, user_id=user.id)
    audit.record(actor, "user.offer_new_password", "user", user.id, invitation=made.invitation.id)
    return made


def _make(actor: Actor, **values: str | None) -> Made:
    secret = ids.secret()
    expires_at = clock.now() + VALID_FOR
    invitation = Invitation(token_digest=ids.digest(secret), created_by=actor.id, expires_at=expires_at, **values)
    db.session.add(invitation)
    db.session.flush()
    return Made(invitation, secret)


def still_open(actor: Actor) -> list[Invitation]:
    """Links that can still be used, of the own KIM or of everybody."""
    kim_id = scope(actor, Permission.PEOPLE_INVITE)
    query = _usable().order_by(Invitation.created_at.desc()).limit(100)
    return list(db.session.scalars(query if kim_id is None else query.where(Invitation.kim_id == kim_id)))


def _usable() -> Select[Invitation]:
    return (
        select(Invitation)
        .where(Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None))
        .where(Invitation.expires_at > clock.now())
        .options(joinedload(Invitation.kim), joinedload(Invitation.user))
    )


def get(actor: Actor, invitation_id: str) -> Invitation:
    invitation = db.session.scalar(_usable().where(Invitation.id == invitation_id))
    if invitation is None:
        raise NotFound()
    allow(actor, Permission.PEOPLE_INVITE, invitation)
    return invitation


def withdraw(actor: Actor, invitation_id: str) -> None:
    invitation = get(actor, invitation_id)
    invitation.withdrawn_at = clock.now()
    audit.record(actor, "invitation.withdraw", "invitation", invitation.id)


def by_secret(secret: str) -> Invitation | None:
    """The invitation behind a link, while it can be used."""
    return db.session.scalar(_usable().where(Invitation.token_digest == ids.digest(secret)))


def accept(secret: str, name: str, login: str, password: str) -> User:
    """Makes the account that the link offers."""
    invitation = _taken(secret)
    if invitation.user_id is not None:
        raise NotFound()
    user = people.create(name, login, password, Role(invitation.role), invitation.kim_id)
    invitation.used_by = user.id
    audit.record(user, "invitation.accept", "invitation", invitation.id, role=user.role)
    return user


def accept_new_password(secret: str, password: str) -> User:
    invitation = _taken(secret)
    user = db.session.get(User, invitation.user_id) if invitation.user_id else None
    if user is None or user.disabled_at is not None:
        raise NotFound()
    people.set_password(user, password)
    invitation.used_by = user.id
    audit.record(user, "user.choose_new_password", "user", user.id)
    return user


def _taken(secret: str) -> Invitation:
    """Marks the link as used. Of two people at once one gets it; a failure later gives it back."""
    invitation = by_secret(secret)
    if invitation is None:
        raise NotFound(GONE)
    taken = db.session.scalar(
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None))
        .values(used_at=clock.now())
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        raise NotFound(GONE)
    return invitation


GONE = N_("Tautan ini sudah dipakai, ditarik, atau lewat 7 hari. Minta tautan baru kepada pengirimnya.")
