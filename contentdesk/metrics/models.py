"""Figures of published posts. Samples are only ever added; unknown is None, never zero."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from contentdesk.lib.db import Model, link
from contentdesk.publishing.models import Delivery

LARGEST = 2_000_000_000
"""What a column holds; more than any post or account has."""


def possible(value: int | None) -> int | None:
    """None for what no post or account can have: it would lose all that came with it."""
    return value if value is not None and 0 <= value <= LARGEST else None


class Figures:
    """The six figures, as columns. None: not known."""

    reach: Mapped[int | None]
    views: Mapped[int | None]
    likes: Mapped[int | None]
    comments: Mapped[int | None]
    shares: Mapped[int | None]
    saves: Mapped[int | None]


class Sample(Figures, Model):
    __tablename__ = "samples"
    __table_args__ = (Index("ix_samples_delivery_taken", "delivery_id", "taken_at"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"))
    taken_at: Mapped[datetime]
    source: Mapped[str]
    """api | manual."""
    entered_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))


class LatestFigures(Figures, Model):
    """Rollup: the newest known value of each figure, one row for each delivery that is out."""

    __tablename__ = "latest_figures"
    __table_args__ = (Index("ix_latest_figures_poll", "poll_at"),)

    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    taken_at: Mapped[datetime | None]
    source: Mapped[str | None]
    poll_at: Mapped[datetime | None]
    """When the platform is asked next; None: never again, or figures come by hand."""
    asked_at: Mapped[datetime | None]
    """When the platform was asked last, whether it answered or not."""
    polls: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    """How many polls in a row brought nothing; the next one waits longer for it."""

    delivery: Mapped[Delivery] = link()


class AccountSample(Model):
    """Figures of an account, one row for each day in WIB. None: the platform does not say."""

    __tablename__ = "account_samples"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]
    followers: Mapped[int | None]
    posts: Mapped[int | None]
    reach: Mapped[int | None]
    views: Mapped[int | None]


class HeardRing(Model):
    """A ring of a platform that was worked, by kind of channel and digest of its signed bytes."""

    __tablename__ = "heard_rings"

    mark: Mapped[str] = mapped_column(primary_key=True)
    heard_at: Mapped[datetime] = mapped_column(index=True)
