"""Messages to people, shown on the page."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from contentdesk.lib.db import Model, id_column, moment_column


class Notice(Model):
    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_user_read", "user_id", "read_at"),)

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    message: Mapped[str]
    """Indonesian sentence of the catalogue with places for `values`."""
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    path: Mapped[str]
    read_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = moment_column()
