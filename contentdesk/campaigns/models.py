"""Campaigns of the city: what posts of many KIM are about together for some weeks."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from contentdesk.lib.db import Model, id_column, link, moment_column
from contentdesk.users.models import User


class Campaign(Model):
    __tablename__ = "campaigns"

    id: Mapped[str] = id_column()
    name: Mapped[str]
    about: Mapped[str]
    """What it is about, in a few words for those who write."""
    tag: Mapped[str] = mapped_column(default="")
    """A hashtag with its sign, offered to those who write; empty: none."""
    first_day: Mapped[date]
    last_day: Mapped[date]
    """Days in WIB; both belong to it."""
    ended_at: Mapped[datetime | None]
    """When a person ended it before its last day."""
    made_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = moment_column()

    maker: Mapped[User] = link()
