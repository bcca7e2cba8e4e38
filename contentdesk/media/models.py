"""Photos that members handed in. The files lie in the content-addressed store under their SHA-256."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contentdesk.lib.db import Model, id_column, moment_column


class Asset(Model):
    """A photo, cleaned: upright, without metadata. Sizes in pixels and bytes."""

    __tablename__ = "assets"
    __table_args__ = (UniqueConstraint("kim_id", "sha256"),)

    id: Mapped[str] = id_column()
    kim_id: Mapped[str] = mapped_column(ForeignKey("kim.id"), index=True)
    uploaded_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    sha256: Mapped[str]
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    thumb_sha256: Mapped[str]
    preview_sha256: Mapped[str]
    created_at: Mapped[datetime] = moment_column()


class Rendition(Model):
    """A file made for one channel. Found again by what it was made from, so that it is made once."""

    __tablename__ = "renditions"

    key: Mapped[str] = mapped_column(primary_key=True)
    """Digest of asset, rule and focus point."""
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"), index=True)
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[datetime] = moment_column()
