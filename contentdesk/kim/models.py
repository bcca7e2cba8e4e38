"""KIM groups. A group's name is its own and differs from the kelurahan's."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from contentdesk.lib.db import Model, id_column, link, moment_column
from contentdesk.regions.models import Kelurahan


class Kim(Model):
    __tablename__ = "kim"

    id: Mapped[str] = id_column()
    name: Mapped[str]
    kelurahan_code: Mapped[str] = mapped_column(ForeignKey("kelurahan.code"), index=True)
    decree_number: Mapped[str | None]
    """SK nomor."""
    decree_date: Mapped[date | None]
    decree_by: Mapped[str | None]
    """`wali_kota` or `lurah`."""
    term_until: Mapped[date | None]
    """Masa bakti."""
    kim_id_url: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = moment_column()

    kelurahan: Mapped[Kelurahan] = link()
