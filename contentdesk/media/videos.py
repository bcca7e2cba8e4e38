"""Videos as rows: taking one in, and finding the file of it that suits a channel.

The row comes first; a worker then makes the files (`preparing`). What was handed in carries a place and a time,
so it lies on the bench only until its files are made.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from contentdesk.access.permissions import Actor, Permission, Place, allow
from contentdesk.audit import services as audit
from contentdesk.lib import ids
from contentdesk.lib.db import canonical, db
from contentdesk.lib.files import FileStore, Readable
from contentdesk.lib.i18n import N_
from contentdesk.media import clips, encoding, images, probing
from contentdesk.media.clips import VideoLimits
from contentdesk.media.models import Asset, AssetState, Media, Rendition
from contentdesk.media.probing import BadVideo
from contentdesk.media.services import DECODING, JPEG, added

MP4 = ".mp4"
MOST_A_DAY = 40
"""Of one person, in any 24 hours: far more than anybody films, and far less than fills a disk unnoticed."""
KEPT_FREE_BYTES = 1_000_000_000
"""A video never takes the last of the disk, on which the database and the queue lie too."""
_LIMITS = sorted(name for name in vars(VideoLimits) if name.startswith(("min_", "max_")))


TOO_MANY = N_("Anda sudah mengunggah %(limit)s video dalam 24 jam ini. Isian Anda tetap ada. Unggah lagi besok.")


class TooManyVideos(BadVideo):
    status = 429


@dataclass(frozen=True)
class Received:
    """A video on the bench under its future id, with its poster in the store and no row yet."""

    id: str
    sha256: str
    size: int
    width: int
    height: int
    seconds: float | None
    fps: float | None
    thumb_sha256: str
    preview_sha256: str


def source_name(asset_id: str) -> str:
    """Name on the bench of what was handed in."""
    return f"{asset_id}.source"


def must_have_left(actor: Actor, now: datetime) -> None:
    """Asked before a byte is read. Raises TooManyVideos."""
    sent = db.session.scalar(
        select(func.count(Asset.id)).where(
            Asset.uploaded_by == actor.id, Asset.media == Media.VIDEO, Asset.created_at > now - timedelta(days=1)
        )
    )
    db.session.rollback()
    if (sent or 0) >= MOST_A_DAY:
        raise TooManyVideos(TOO_MANY, limit=MOST_A_DAY)


def receive(stream: Readable, size: int | None, files: FileStore) -> Received:
    """Writes the video to the disk piece by piece and looks at what is in it. Touches no row.

    `size` in bytes as announced, if it was. Raises BadVideo, TooHeavy before reading what is announced as too
    much, StorageFull. Nothing is left behind then.
    """
    probing.ready()
    if size is not None and size > probing.MAX_BYTES:
        raise probing.too_heavy(size)
    asset_id = ids.new()
    path = files.bench(source_name(asset_id))
    files.must_have_room((size or 0) + KEPT_FREE_BYTES)
    stored = files.receive(_Limited(stream), path)
    try:
        found = probing.inspect(path)
        with DECODING:
            poster = encoding.poster(path, found)
            thumb, preview = images.render_all(poster, [images.THUMB, images.PREVIEW])
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Received(
        id=asset_id,
        sha256=stored.sha256,
        size=stored.size,
        width=found.width,
        height=found.height,
        seconds=found.seconds,
        fps=found.fps,
        thumb_sha256=files.put(thumb.data, JPEG).sha256,
        preview_sha256=files.put(preview.data, JPEG).sha256,
    )


class _Limited:
    """Who announces little and sends much is stopped where the limit is."""

    def __init__(self, stream: Readable) -> None:
        self._stream, self._read = stream, 0

    def read(self, size: int, /) -> bytes:
        piece = self._stream.read(size)
        self._read += len(piece)
        if self._read > probing.MAX_BYTES:
            raise probing.too_heavy(self._read)
        return piece


def keep_video(actor: Actor, kim_id: str | None, received: Received, files: FileStore) -> Asset:
    """The video's row, to be prepared. A video the KIM already has is the same one, whoever sends it again."""
    allow(actor, Permission.POST_WRITE, Place(kim_id))
    row = Asset(kim_id=kim_id, uploaded_by=actor.id, media=Media.VIDEO, state=AssetState.PREPARING, **asdict(received))
    asset, is_new = added(row, lambda: _known(kim_id, received.sha256))
    if is_new:
        audit.record(actor, "media.upload", "asset", asset.id, sha256=asset.sha256)
    else:
        _take_up_again(asset, received, files)
    return asset


def _known(kim_id: str | None, sha256: str) -> Asset | None:
    return db.session.scalar(select(Asset).where(Asset.kim_id == kim_id, Asset.sha256 == sha256))


def _take_up_again(asset: Asset, received: Received, files: FileStore) -> None:
    """One that is ready stays so; one that failed, or lost its file, is prepared once more from the new copy."""
    path, house = files.bench(source_name(received.id)), house_of(asset)
    if asset.state == AssetState.READY and house and files.path_of(house.sha256, MP4).is_file():
        path.unlink()
        return
    path.replace(files.bench(source_name(asset.id)))
    asset.thumb_sha256, asset.preview_sha256 = received.thumb_sha256, received.preview_sha256
    asset.state, asset.problem, asset.tries = AssetState.PREPARING, None, 0


def video_for(asset: Asset, rule: VideoLimits) -> Rendition | None:
    """The file that goes out where `rule` holds. None: not made yet.

    Length and ratio are not looked at: `channels.rules` tells what a person has to change.
    """
    house = house_of(asset)
    if house is None or not clips.needs_smaller(house, rule):
        return house
    return db.session.get(Rendition, key_of(asset, rule))


def house_of(asset: Asset) -> Rendition | None:
    """The one file that most channels take, and that is played on our pages."""
    return db.session.get(Rendition, key_of(asset, None))


def key_of(asset: Asset, rule: VideoLimits | None) -> str:
    """Where the rendition for a rule is found; None: the house rendition."""
    limits: dict[str, Any] = {name: limit for name in _LIMITS if (limit := getattr(rule, name))} if rule else {}
    return ids.digest(canonical([asset.id, asset.sha256, "video", limits]))
