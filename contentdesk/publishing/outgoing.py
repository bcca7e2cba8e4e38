"""What a channel gets to publish, built from the approved rows and from nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from contentdesk.channels import registry
from contentdesk.channels.base import Channel, Checkpoint, Login, Outgoing, Photo, Video
from contentdesk.channels.models import Account
from contentdesk.channels.queries import published_by_hand
from contentdesk.channels.services import login_of
from contentdesk.lib import clock
from contentdesk.lib.crypto import Box
from contentdesk.lib.db import db
from contentdesk.lib.files import FileStore
from contentdesk.media import links
from contentdesk.media.models import Media
from contentdesk.posts.models import Revision, RevisionFile
from contentdesk.posts.queries import text_for
from contentdesk.publishing import checkpoints
from contentdesk.publishing.claims import Held
from contentdesk.publishing.models import Delivery

LINK_LIVES = timedelta(hours=30)
"""Platforms fetch a photo within minutes and drop what was not published after 24 hours."""
READY_FOR = timedelta(hours=12)
"""Half of what a container lives. What lay ready longer, because its account had stopped, is made anew."""
SUFFIXES = {Media.PHOTO: ".jpg", Media.VIDEO: ".mp4"}


@dataclass(frozen=True)
class Approved:
    """A file of the approved revision, as the store names it."""

    sha256: str
    suffix: str


@dataclass(frozen=True)
class Work:
    """A delivery in hand: plain data, good outside the transaction."""

    delivery_id: str
    lease: str
    account_id: str
    channel: Channel
    by_hand: bool
    outgoing: Outgoing
    checkpoint: Checkpoint = field(repr=False)
    files: tuple[Approved, ...]
    """In the order of the post."""
    due_at: datetime
    ready_at: datetime | None
    intent_at: datetime | None
    expires_at: datetime
    tries: int
    box: Box = field(repr=False)

    def keepable(self, checkpoint: Checkpoint) -> Checkpoint:
        """What the row keeps of a channel's checkpoint: the secrets in it are sealed."""
        return checkpoints.to_keep(self.channel, checkpoint, self.box)

    def is_ready(self, now: datetime) -> bool:
        """Whether nothing but the irreversible call is left."""
        return self.ready_at is not None and now - self.ready_at < READY_FOR

    @property
    def held(self) -> Held:
        return Held(self.delivery_id, self.lease)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        video = (self.outgoing.video,) if self.outgoing.video else ()
        return sum(file.size for file in (*self.outgoing.photos, *video))


def load(delivery_id: str) -> Delivery:
    revision = joinedload(Delivery.revision).options(selectinload(Revision.photos), selectinload(Revision.files))
    account = joinedload(Delivery.account).joinedload(Account.kim)
    return _load([delivery_id], account, joinedload(Delivery.post), revision)[0]


def _load(delivery_ids: Iterable[str], *options: ORMOption) -> Sequence[Delivery]:
    """In the order of their times."""
    return db.session.scalars(
        select(Delivery)
        .where(Delivery.id.in_(list(delivery_ids)))
        .options(*options)
        .order_by(Delivery.due_at, Delivery.id)
        .execution_options(populate_existing=True)
    ).all()


@dataclass(frozen=True)
class Lender:
    """Makes addresses under which a platform can fetch a file, and opens files for those that want them sent."""

    public_url: str
    secret: str
    files: FileStore

    def reach(self, file: RevisionFile) -> dict[str, Any]:
        """What `Photo` and `Video` have in common, but for the words."""
        suffix = suffix_of(file)
        return {
            "url": links.shared_url(self.public_url, self.secret, file.sha256, LINK_LIVES, suffix),
            "sha256": file.sha256,
            "width": file.width,
            "height": file.height,
            "size": file.size,
            "open": partial(self.files.open, file.sha256, suffix),
        }


def works(leases: Mapping[str, str], lender: Lender, box: Box) -> list[Work]:
    """What has just been taken in hand (lease by id), in the order of their times."""
    revision = joinedload(Delivery.revision).options(selectinload(Revision.photos), selectinload(Revision.files))
    found = _load(leases, joinedload(Delivery.account), revision)
    opened = {one.id: login_of(one, box) for one in {delivery.account for delivery in found}}
    return [_work(one, leases[one.id], opened[one.account_id], lender, box) for one in found]


def work(delivery_id: str, lease: str, lender: Lender, box: Box) -> Work:
    return works({delivery_id: lease}, lender, box)[0]


def _work(delivery: Delivery, lease: str, login: Login, lender: Lender, box: Box) -> Work:
    channel = registry.get(delivery.account.kind)
    files = files_of(delivery.revision, channel.kind)
    by_hand = published_by_hand(delivery.account)
    return Work(
        delivery_id=delivery.id,
        lease=lease,
        account_id=delivery.account_id,
        channel=channel,
        by_hand=by_hand,
        outgoing=Outgoing(
            delivery_id=delivery.id,
            login=login,
            text=text_for(delivery.revision, channel.kind),
            photos=_photos(delivery.revision, files, lender),
            video=_video(delivery.revision, files, lender),
            title=delivery.revision.title,
            options=dict(delivery.revision.options.get(channel.kind, {})),
        ),
        checkpoint=checkpoints.to_use(_of_use(delivery), box),
        files=tuple(Approved(file.sha256, suffix_of(file)) for file in files),
        due_at=delivery.due_at,
        ready_at=delivery.ready_at,
        intent_at=delivery.intent_at,
        expires_at=delivery.expires_at,
        tries=delivery.tries,
        box=box,
    )


def _of_use(delivery: Delivery) -> Checkpoint:
    """A channel takes what broke after it was ready for perhaps published. Without any call it certainly is not."""
    if delivery.ready_at is not None and clock.now() - delivery.ready_at > READY_FOR:
        return checkpoints.left_behind(delivery.revision_id, delivery.account_id)
    return delivery.checkpoint


def files_of(revision: Revision, kind: str) -> list[RevisionFile]:
    """The approved files for a kind of channel, in order."""
    return [file for file in revision.files if file.kind == kind]


def suffix_of(file: RevisionFile) -> str:
    return SUFFIXES[Media(file.media)]


def _photos(revision: Revision, files: list[RevisionFile], lender: Lender) -> tuple[Photo, ...]:
    words = _alt_texts(revision)
    return tuple(
        Photo(alt_text=words.get(file.position, ""), **lender.reach(file))
        for file in files
        if file.media == Media.PHOTO
    )


def _video(revision: Revision, files: list[RevisionFile], lender: Lender) -> Video | None:
    """The one video, if the post has one."""
    file = next((one for one in files if one.media == Media.VIDEO), None)
    if file is None:
        return None
    words = _alt_texts(revision).get(file.position, "")
    return Video(alt_text=words, seconds=file.seconds or 0.0, fps=file.fps or 0.0, **lender.reach(file))


def _alt_texts(revision: Revision) -> dict[int, str]:
    return {photo.position: photo.alt_text for photo in revision.photos}
