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

    delivery: Mapped[Delivery] = link()
    answerer: Mapped[User | None] = link()
