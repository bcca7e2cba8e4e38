"""People, their sessions on devices, and invitations. Only what signing in needs is kept of a person."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from contentdesk.kim.models import Kim
from contentdesk.lib.db import Model, id_column, link, moment_column


class User(Model):
    __tablename__ = "users"

    id: Mapped[str] = id_column()
    name: Mapped[str]
    login: Mapped[str] = mapped_column(unique=True)
    """E-mail in small letters, or a phone number as +62…"""
    password_hash: Mapped[str]
    role: Mapped[str]
    kim_id: Mapped[str | None] = mapped_column(ForeignKey("kim.id"), index=True)
    locale: Mapped[str] = mapped_column(default="id")
    theme: Mapped[str] = mapped_column(default="light")
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = moment_column()

    kim: Mapped[Kim | None] = link()


class UserSession(Model):
    """One sign-in on one device. The cookie holds the secret, this row its digest."""

    __tablename__ = "user_sessions"

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    device: Mapped[str]
    shared: Mapped[bool] = mapped_column(default=False)
    """A phone used in turns: ends by itself after 30 minutes without use."""
    seen_at: Mapped[datetime] = moment_column()
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = moment_column()

    user: Mapped[User] = link()


class SignInTries(Model):
    """Wrong tries for one login, whether it belongs to somebody or not: a lock gives nobody away."""

    __tablename__ = "sign_in_tries"

    login_digest: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    last_at: Mapped[datetime] = moment_column()


class Invitation(Model):
    """A link to forward by WhatsApp; used once. With `user_id` it lets that person choose a new password."""

    __tablename__ = "invitations"

    id: Mapped[str] = id_column()
    token_digest: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    kim_id: Mapped[str | None] = mapped_column(ForeignKey("kim.id"), index=True)
    created_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = moment_column()

    kim: Mapped[Kim | None] = link()
    user: Mapped[User | None] = link(foreign_keys=[user_id])
