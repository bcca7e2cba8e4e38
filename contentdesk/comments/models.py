"""What citizens wrote under posts. Personal data: kept only as long as somebody may still answer."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contentdesk.lib.db import Model, id_column, link
from contentdesk.publishing.models import Delivery
from contentdesk.users.models import User


class CitizenComment(Model):
    __tablename__ = "citizen_comments"
    __table_args__ = (
        UniqueConstraint("delivery_id", "external_id"),
        Index("ix_citizen_comments_open", "answered_at", "written_at"),
    )

    id: Mapped[str] = id_column()
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"))
    external_id: Mapped[str]
    author: Mapped[str]
    text: Mapped[str]
    permalink: Mapped[str | None]
    by_us: Mapped[bool]
    """Kept so that they are not counted as new ones; never shown."""
    is_question: Mapped[bool]
    written_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    gone_at: Mapped[datetime | None]
    """When it was no longer on the platform. Then its words and its writer are no longer here, either."""

    delivery: Mapped[Delivery] = link()
    answerer: Mapped[User | None] = link()


class CommentReading(Model):
    """The last time that the comments of a delivery were read."""

    __tablename__ = "comment_readings"

    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    read_at: Mapped[datetime | None]
    """None: it never worked."""
    counted: Mapped[int | None]
    """How many the platform counted then. None: it did not say."""
    failures: Mapped[int] = mapped_column(default=0)
    """How many tries in a row brought nothing; the next one waits longer for it."""
