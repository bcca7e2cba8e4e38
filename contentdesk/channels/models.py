"""Accounts on platforms, with sealed tokens."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contentdesk.kim.models import Kim
from contentdesk.lib.db import Model, id_column, link, moment_column


class AccountState(StrEnum):
    CONNECTED = "connected"
    EXPIRED = "expired"
    """Somebody has to sign in again."""
    NOT_ALLOWED = "not_allowed"
    CLOSED = "closed"


class Account(Model):
    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("kind", "external_id"),)

    id: Mapped[str] = id_column()
    kind: Mapped[str]
    kim_id: Mapped[str | None] = mapped_column(ForeignKey("kim.id"), index=True)
    """None: an account of the city, open to every KIM."""
    external_id: Mapped[str]
    handle: Mapped[str]
    state: Mapped[str] = mapped_column(default=AccountState.CONNECTED)
    token_sealed: Mapped[str | None]
    token_expires_at: Mapped[datetime | None]
    connected_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    connected_at: Mapped[datetime | None]
    problem: Mapped[str | None]
    """Sentence of the catalogue: what a person has to do."""
    by_hand: Mapped[bool] = mapped_column(default=False)
    """Members post in the app, also where the platform could be spoken to."""
    profile_url: Mapped[str | None]
    """Address of the profile, where a person gave one."""
    created_at: Mapped[datetime] = moment_column()

    kim: Mapped[Kim | None] = link()
