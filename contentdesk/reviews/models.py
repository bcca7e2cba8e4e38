"""Verdicts. Each is about one revision, the very one the reviewer saw."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from contentdesk.lib.db import Model, id_column, link, moment_column
from contentdesk.posts.models import Revision
from contentdesk.users.models import User


class Verdict(StrEnum):
    APPROVE = "approve"
    ASK_CHANGES = "ask_changes"
    REJECT = "reject"


class Review(Model):
    __tablename__ = "reviews"

    id: Mapped[str] = id_column()
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id"), index=True)
    revision_id: Mapped[str] = mapped_column(ForeignKey("revisions.id"), index=True)
    reviewer_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    verdict: Mapped[str]
    checklist: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Item id -> ok | fail | na."""
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = moment_column()

    revision: Mapped[Revision] = link()
    reviewer: Mapped[User] = link()


class Answer(Model):
    """Why the author hands in the very revision again that a reviewer sent back."""

    __tablename__ = "answers"

    id: Mapped[str] = id_column()
    review_id: Mapped[str] = mapped_column(ForeignKey("reviews.id"), index=True)
    revision_id: Mapped[str] = mapped_column(ForeignKey("revisions.id"), index=True)
    """As it was handed in: a video's files may have been taken up meanwhile."""
    author_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str]
    created_at: Mapped[datetime] = moment_column()

    author: Mapped[User] = link()
