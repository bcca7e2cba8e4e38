"""What a channel gets to publish, built from the approved rows and from nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from contentdesk.channels import registry
from contentdesk.channels.base import Channel, Checkpoint, Outgoing, Photo
from contentdesk.channels.models import Account
from contentdesk.channels.queries import published_by_hand
from contentdesk.channels.services import login_of
from contentdesk.lib.crypto import Box
from contentdesk.lib.db import db
from contentdesk.media import links
from contentdesk.posts.models import Revision, RevisionFile
from contentdesk.posts.queries import text_for
from contentdesk.publishing.models import Delivery

LINK_LIVES = timedelta(hours=30)
"""Platforms fetch a photo within minutes and drop what was not published after 24 hours."""


@dataclass(frozen=True)
class Work:
    """A delivery in hand: plain data, good outside the transaction."""

    delivery_id: str
    lease: str
    account_id: str
    channel: Channel
    by_hand: bool
    outgoing: Outgoing
    checkpoint: Checkpoint
    files: tuple[str, ...]
    """SHA-256 of the approved files, in order."""
    intent_at: datetime | None
    expires_at: datetime
    tries: int


def load(delivery_id: str) -> Delivery:
    return db.session.scalars(
        select(Delivery)
        .where(Delivery.id == delivery_id)
        .options(
            joinedload(Delivery.account).joinedload(Account.kim),
            joinedload(Delivery.post),
            joinedload(Delivery.revision).options(selectinload(Revision.photos), selectinload(Revision.files)),
        )
        .execution_options(populate_existing=True)
    ).one()


def work(delivery_id: str, lease: str, public_url: str, secret: str, box: Box) -> Work:
    delivery = load(delivery_id)
    channel = registry.get(delivery.account.kind)
    files = files_of(delivery.revision, channel.kind)
    by_hand = published_by_hand(delivery.account)
    return Work(
        delivery_id=delivery_id,
        lease=lease,
        account_id=delivery.account_id,
        channel=channel,
        by_hand=by_hand,
        outgoing=Outgoing(
            delivery_id=delivery_id,
            login=login_of(delivery.account, box),
            text=text_for(delivery.revision, channel.kind),
            photos=_photos(delivery.revision, files, public_url, secret),
            options=dict(delivery.revision.options.get(channel.kind, {})),
        ),
        checkpoint=dict(delivery.checkpoint),
        files=tuple(file.sha256 for file in files),
        intent_at=delivery.intent_at,
        expires_at=delivery.expires_at,
        tries=delivery.tries,
    )


def files_of(revision: Revision, kind: str) -> list[RevisionFile]:
    """The approved files for a kind of channel, in order."""
    return [file for file in revision.files if file.kind == kind]


def _photos(revision: Revision, files: list[RevisionFile], public_url: str, secret: str) -> tuple[Photo, ...]:
    alt_texts = {photo.position: photo.alt_text for photo in revision.photos}
    return tuple(
        Photo(
            url=links.shared_url(public_url, secret, file.sha256, LINK_LIVES),
            sha256=file.sha256,
            alt_text=alt_texts.get(file.position, ""),
            width=file.width,
            height=file.height,
        )
        for file in files
    )
