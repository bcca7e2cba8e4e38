"""Photos and videos that members handed in. The files lie in the content-addressed store under their SHA-256."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from contentdesk.lib.db import Model, id_column, moment_column

_PREPARING = text("state = 'preparing'")
_VIDEO = text("media = 'video'")


class Media(StrEnum):
    PHOTO = "photo"
    VIDEO = "video"


class AssetState(StrEnum):
    """Photos are ready at once; a video is prepared by a worker first."""

    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"


class Asset(Model):
    """A photo, cleaned: upright, without metadata. Or a video, whose files are renditions.

    Sizes in pixels and bytes.
    """

    __tablename__ = "assets"
    __table_args__ = (
        UniqueConstraint("kim_id", "sha256"),
        Index("ix_assets_preparing", "created_at", sqlite_where=_PREPARING, postgresql_where=_PREPARING),
        Index("ix_assets_videos", "created_at", sqlite_where=_VIDEO, postgresql_where=_VIDEO),
    )

    id: Mapped[str] = id_column()
    kim_id: Mapped[str] = mapped_column(ForeignKey("kim.id"), index=True)
    uploaded_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    sha256: Mapped[str]
    """Of the cleaned photo; of the video as it was handed in, which is not kept."""
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    thumb_sha256: Mapped[str]
    preview_sha256: Mapped[str]
    media: Mapped[str] = mapped_column(default=Media.PHOTO)
    state: Mapped[str] = mapped_column(default=AssetState.READY)
    problem: Mapped[str | None]
    """Why a video could not be prepared: a sentence of the catalogue."""
    seconds: Mapped[float | None]
    fps: Mapped[float | None]
    lease: Mapped[str | None]
    """Which worker prepares the video; whoever lost the lease can no longer write."""
    lease_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = moment_column()

    @property
    def is_video(self) -> bool:
        return self.media == Media.VIDEO


class Rendition(Model):
    """A file made for one channel. Found again by what it was made from, so that it is made once."""

    __tablename__ = "renditions"

    key: Mapped[str] = mapped_column(primary_key=True)
    """Digest of asset, rule and, for a photo, focus point."""
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"), index=True)
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    seconds: Mapped[float | None]
    """Only of a video, as `fps`."""
    fps: Mapped[float | None]
    created_at: Mapped[datetime] = moment_column()
