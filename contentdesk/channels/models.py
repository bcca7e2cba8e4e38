"""Accounts on platforms, with sealed tokens."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contentdesk.kim.models import Kim
from contentdesk.lib.db import Model, id_column, link, moment_column


class AccountState(StrEnum):
    CONNECTED = "connected"
    EXPIRED = "expired"
    """Somebody has to sign in again."""
    NOT_ALLOWED = "not_allowed"
    CLOSED = "closed"


STOPPED = (AccountState.EXPIRED, AccountState.NOT_ALLOWED)
"""A person has to act before anything goes out on it."""


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
    stopped_at: Mapped[datetime | None]
    """Since when a person has to act before anything goes out; None: it works, or is closed."""
    token_sealed: Mapped[str | None]
    token_expires_at: Mapped[datetime | None]
    refresh_sealed: Mapped[str | None]
    refresh_expires_at: Mapped[datetime | None]
    details: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """What else the channel must know to speak for the account; nothing secret."""
    limits: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """What this account takes, where that is its own matter; empty: the platform does not say."""
    limits_at: Mapped[datetime | None]
    """When it was last asked for them."""
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    """What was granted; empty: the platform does not say."""
    via: Mapped[str | None]
    """The channel on which a person signed in, where it is another one than `kind`."""
    connected_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    connected_at: Mapped[datetime | None]
    """When a person signed in last."""
    renewed_at: Mapped[datetime | None]
    """When the token was renewed since; None: it is as old as the connection."""
    renewing_until: Mapped[datetime | None]
    """Whoever renews holds the row until then, by this very moment; nobody else asks before."""
    checked_at: Mapped[datetime | None]
    """When the login was last tried because a post is due soon."""
    access_ends_at: Mapped[datetime | None]
    """When the platform no longer lets us read, although the login lives on, unless a person signs in before."""
    access_warned_at: Mapped[datetime | None]
    """When its holders were told of that last."""
    problem: Mapped[str | None]
    """Sentence of the catalogue: what a person has to do."""
    problem_values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    by_hand: Mapped[bool] = mapped_column(default=False)
    """Members post in the app, also where the platform could be spoken to."""
    profile_url: Mapped[str | None]
    """Address of the profile, where a person gave one."""
    created_at: Mapped[datetime] = moment_column()

    kim: Mapped[Kim | None] = link()


class RingSubscription(Model):
    """That the account's platform was asked to ring for it. No row: nobody has asked since it was connected."""

    __tablename__ = "ring_subscriptions"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    again_at: Mapped[datetime] = mapped_column(index=True)
    """When it is asked next. Whoever asks holds the row until then, by this very moment."""
    since: Mapped[datetime | None]
    """Since when it rings; None: it does not."""
    until: Mapped[datetime | None]
    """When that ends, where the platform says so."""
    tries: Mapped[int] = mapped_column(default=0)
    """How many in a row brought nothing."""
    problem: Mapped[str | None]
    """Sentence of the catalogue."""
    problem_values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class AccountHolder(Model):
    """Somebody who can sign in to the account on the platform, and so can connect it again."""

    __tablename__ = "account_holders"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
