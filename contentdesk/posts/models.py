"""Posts and their revisions. A revision never changes once written: an edit is a new one."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contentdesk.campaigns.models import Campaign
from contentdesk.channels.models import Account
from contentdesk.kim.models import Kim
from contentdesk.lib.db import Model, id_column, link, moment_column
from contentdesk.media.models import Asset, Media
from contentdesk.posts.states import PostState
from contentdesk.umkm.models import Business
from contentdesk.users.models import User


class Post(Model):
    __tablename__ = "posts"
    __table_args__ = (
        Index("ix_posts_kim_updated", "kim_id", "updated_at"),
        Index("ix_posts_state_proposed", "state", "proposed_at"),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[str] = id_column()
    kim_id: Mapped[str] = mapped_column(ForeignKey("kim.id"))
    author_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str]
    state: Mapped[str] = mapped_column(default=PostState.DRAFT)
    newest_number: Mapped[int] = mapped_column(default=0)
    """Number of the newest revision."""
    approved_number: Mapped[int | None]
    """Number of the revision a reviewer approved last."""
    proposed_at: Mapped[datetime | None]
    """When the author would like it to go out."""
    submitted_at: Mapped[datetime | None]
    follows: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Ids of accounts that are on or off as the media want it: nobody has moved their switch."""
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("campaigns.id"), index=True)
    """No part of the text: it changes without a new revision."""
    form_key: Mapped[str | None]
    """From the form that made it: a form sent twice makes one post."""
    editing_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    """Who has the composer open, until when: told to others, never a lock."""
    editing_until: Mapped[datetime | None]
    updated_at: Mapped[datetime] = moment_column()
    created_at: Mapped[datetime] = moment_column()

    kim: Mapped[Kim] = link()
    author: Mapped[User] = link(foreign_keys=[author_id])
    editor: Mapped[User | None] = link(foreign_keys=[editing_by])
    campaign: Mapped[Campaign | None] = link()
    revisions: Mapped[list["Revision"]] = link(order_by="Revision.number", back_populates="post")


class Revision(Model):
    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("post_id", "number"),)

    id: Mapped[str] = id_column()
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id"))
    number: Mapped[int]
    author_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str]
    text: Mapped[str]
    texts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Text by channel kind, where it differs."""
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    photo_source: Mapped[str | None]
    """buatan_kim | milik_umkm | berizin."""
    faces: Mapped[str | None]
    """tidak_ada | berizin: whether faces are seen and all have agreed."""
    children: Mapped[str | None]
    """tidak_ada | berizin: the same for children, by their parents."""
    digest: Mapped[str]
    """SHA-256 over all that goes out: texts, files, alternative texts, targets, options."""
    created_at: Mapped[datetime] = moment_column()

    post: Mapped[Post] = link(back_populates="revisions")
    author: Mapped[User] = link()
    photos: Mapped[list["RevisionPhoto"]] = link(order_by="RevisionPhoto.position")
    files: Mapped[list["RevisionFile"]] = link(order_by="RevisionFile.position")
    businesses: Mapped[list[Business]] = link(secondary="revision_businesses", order_by=Business.name)
    targets: Mapped[list[Account]] = link(secondary="revision_targets", order_by=[Account.kind, Account.handle])


class RevisionPhoto(Model):
    __tablename__ = "revision_photos"

    revision_id: Mapped[str] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"), index=True)
    alt_text: Mapped[str] = mapped_column(default="")
    focus_x: Mapped[float] = mapped_column(default=0.5)
    focus_y: Mapped[float] = mapped_column(default=0.5)

    asset: Mapped[Asset] = link()


class RevisionFile(Model):
    """The very bytes that go out on a kind of channel, in order."""

    __tablename__ = "revision_files"

    revision_id: Mapped[str] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    media: Mapped[str] = mapped_column(default=Media.PHOTO)
    sha256: Mapped[str]
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    seconds: Mapped[float | None]
    """Only of a video, as `fps`."""
    fps: Mapped[float | None]


class RevisionBusiness(Model):
    __tablename__ = "revision_businesses"

    revision_id: Mapped[str] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    business_id: Mapped[str] = mapped_column(ForeignKey("businesses.id"), primary_key=True, index=True)


class RevisionTarget(Model):
    __tablename__ = "revision_targets"

    revision_id: Mapped[str] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True, index=True)
