"""Deliveries (one post on one account) and their timeline."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from contentdesk.campaigns.models import Campaign
from contentdesk.channels.models import Account
from contentdesk.kim.models import Kim
from contentdesk.lib.db import Model, id_column, link, moment_column
from contentdesk.posts.models import Post, Revision
from contentdesk.publishing.states import CommentState, DeliveryState
from contentdesk.regions.models import Kecamatan
from contentdesk.users.models import User

_NOT_GIVEN_UP = text("state NOT IN ('failed', 'expired', 'cancelled')")
# Said by what it is not: SQLite would rather take the index on states for what it is.
_NOT_OUT = text("state NOT IN ('accepted', 'sent', 'unknown', 'failed', 'expired', 'cancelled')")
_SENT = text("sent_at IS NOT NULL")
_ENDED = text("what IN ('failed', 'expired')")
CAN_EXPIRE = text("state IN ('waiting', 'preparing', 'held', 'handed_over')")
"""In words, so that the query says the same as the index: with values that come later no index is found for it."""


class Delivery(Model):
    __tablename__ = "deliveries"
    __table_args__ = (
        # A post stands on an account at most once, whatever two people click at the same time.
        Index(
            "uq_deliveries_once",
            "post_id",
            "account_id",
            unique=True,
            sqlite_where=_NOT_GIVEN_UP,
            postgresql_where=_NOT_GIVEN_UP,
        ),
        Index("ix_deliveries_state_next", "state", "next_at"),
        Index("ix_deliveries_due", "due_at"),
        # For the page of the engine: a few rows of a table that only grows.
        Index("ix_deliveries_not_out", "due_at", sqlite_where=_NOT_OUT, postgresql_where=_NOT_OUT),
        Index("ix_deliveries_sent", "sent_at", sqlite_where=_SENT, postgresql_where=_SENT),
        Index("ix_deliveries_late", "state", "expires_at", sqlite_where=CAN_EXPIRE, postgresql_where=CAN_EXPIRE),
    )

    id: Mapped[str] = id_column()
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id"), index=True)
    revision_id: Mapped[str] = mapped_column(ForeignKey("revisions.id"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    state: Mapped[str] = mapped_column(default=DeliveryState.WAITING)
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    """Later than this it is no longer useful and does not go out without a person's word."""
    next_at: Mapped[datetime]
    """When the engine looks at it next; part of the due query."""
    lease: Mapped[str | None]
    """Who has it in hand; whoever lost the lease can no longer write."""
    lease_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    checkpoint: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    ready_at: Mapped[datetime | None]
    """Since when nothing but the irreversible call is left. Unset by whatever may have changed that."""
    intent_at: Mapped[datetime | None]
    """Written before the irreversible call. Set means: it may be public."""
    external_id: Mapped[str | None]
    permalink: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    problem: Mapped[str | None]
    """Sentence of the catalogue for people."""
    problem_values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    taken_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    """By hand: the member who does it now."""
    taken_until: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    """When its people were told that its account will keep it waiting."""
    gone_at: Mapped[datetime | None]
    """When it was taken down there: by `gone_by`, or found gone by us. That it was out stays true."""
    gone_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    missing_since: Mapped[datetime | None]
    """When a look for it first found nothing. One look proves little; a second one later is believed."""
    planned_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = moment_column()

    post: Mapped[Post] = link()
    revision: Mapped[Revision] = link()
    account: Mapped[Account] = link()
    taker: Mapped[User | None] = link(foreign_keys=[taken_by])
    remover: Mapped[User | None] = link(foreign_keys=[gone_by])
    events: Mapped[list["DeliveryEvent"]] = link(order_by="DeliveryEvent.number")


class FirstComment(Model):
    """The comment of our own that follows a post. Whatever becomes of it, the post stays what it is."""

    __tablename__ = "first_comments"
    __table_args__ = (Index("ix_first_comments_state_next", "state", "next_at"),)

    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    state: Mapped[str] = mapped_column(default=CommentState.DUE)
    next_at: Mapped[datetime]
    """When the engine sees to it next; part of the due query."""
    lease: Mapped[str | None]
    """Who has it in hand; whoever lost the lease can no longer write."""
    lease_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    intent_at: Mapped[datetime | None]
    """Written before the first call. Set means: it may be there, and is looked for."""
    external_id: Mapped[str | None]
    problem: Mapped[str | None]
    """Sentence of the catalogue for people."""
    problem_values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = moment_column()


class DeliveryEvent(Model):
    """One line of the timeline: who, what, when, which answer. Never a secret."""

    __tablename__ = "delivery_events"
    __table_args__ = (Index("ix_delivery_events_ended", "at", sqlite_where=_ENDED, postgresql_where=_ENDED),)

    number: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"), index=True)
    at: Mapped[datetime] = moment_column()
    what: Mapped[str]
    actor_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Hold(Model):
    """Nothing of what it covers goes out until somebody releases it."""

    __tablename__ = "holds"
    __table_args__ = (Index("ix_holds_released", "released_at"),)

    id: Mapped[str] = id_column()
    scope: Mapped[str]
    """City, or the one of the next three that is set."""
    kecamatan_code: Mapped[str | None] = mapped_column(ForeignKey("kecamatan.code"))
    kim_id: Mapped[str | None] = mapped_column(ForeignKey("kim.id"))
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("campaigns.id"))
    reason: Mapped[str]
    words: Mapped[str] = mapped_column(default="")
    """What its people are told besides the reason."""
    by_city: Mapped[bool]
    """Placed by somebody who may hold every KIM: a chair cannot release it."""
    placed_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    placed_at: Mapped[datetime] = moment_column()
    released_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    released_at: Mapped[datetime | None]

    kecamatan: Mapped[Kecamatan | None] = link()
    kim: Mapped[Kim | None] = link()
    campaign: Mapped[Campaign | None] = link()
    placer: Mapped[User] = link(foreign_keys=[placed_by])
    releaser: Mapped[User | None] = link(foreign_keys=[released_by])
    parts: Mapped[list["HoldPart"]] = link(order_by="HoldPart.released_at")


class HoldPart(Model):
    """A kecamatan, a KIM or a campaign that was released while the rest of its hold stays."""

    __tablename__ = "hold_parts"

    id: Mapped[str] = id_column()
    hold_id: Mapped[str] = mapped_column(ForeignKey("holds.id"), index=True)
    kecamatan_code: Mapped[str | None] = mapped_column(ForeignKey("kecamatan.code"))
    kim_id: Mapped[str | None] = mapped_column(ForeignKey("kim.id"))
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("campaigns.id"))
    released_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    released_at: Mapped[datetime] = moment_column()

    kecamatan: Mapped[Kecamatan | None] = link()
    kim: Mapped[Kim | None] = link()
    campaign: Mapped[Campaign | None] = link()
    releaser: Mapped[User] = link()
