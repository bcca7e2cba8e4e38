"""Taking photos in and cutting them for a channel."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from threading import Semaphore
from typing import Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from contentdesk.access.permissions import Actor, Permission, Place, allow
from contentdesk.audit import services as audit
from contentdesk.lib import ids
from contentdesk.lib.db import Model, canonical, db
from contentdesk.lib.files import FileDamaged, FileStore
from contentdesk.media import images
from contentdesk.media.crops import Spec
from contentdesk.media.models import Asset, Rendition

JPEG = ".jpg"
RATIO_SLACK = 0.005
"""How far a common ratio may be missed, so that there is always a whole number of pixels that fits."""
DECODING = Semaphore(2)
"""For each process. A photo of 50 megapixels takes some 200 MB while it is decoded; a third one waits."""

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Stored:
    """A cleaned photo whose files lie in the store, with no row yet."""

    sha256: str
    size: int
    width: int
    height: int
    thumb_sha256: str
    preview_sha256: str


class Limits(Protocol):
    """What a channel asks of a photo."""

    @property
    def min_ratio(self) -> float: ...
    @property
    def max_ratio(self) -> float: ...
    @property
    def min_width(self) -> int: ...
    @property
    def max_width(self) -> int: ...
    @property
    def max_bytes(self) -> int: ...


def store_photo(data: bytes, files: FileStore) -> Stored:
    """Cleans a photo and keeps its files. Touches no row: do it before the transaction, it takes a while.

    Raises BadPhoto. Files without a row do no harm: the same photo finds them again. Damaged ones are replaced.
    """
    with DECODING:
        photo = images.take_in(data)
        thumb, preview = images.render_all(photo.data, [images.THUMB, images.PREVIEW])
    return Stored(
        sha256=files.put(photo.data, JPEG).sha256,
        size=len(photo.data),
        width=photo.width,
        height=photo.height,
        thumb_sha256=files.put(thumb.data, JPEG).sha256,
        preview_sha256=files.put(preview.data, JPEG).sha256,
    )


def keep_photo(actor: Actor, kim_id: str | None, stored: Stored) -> Asset:
    """The photo's row. A photo the KIM already has is the same one, whoever sends it again."""
    allow(actor, Permission.POST_WRITE, Place(kim_id))
    known = _known(kim_id, stored.sha256)
    if known:
        # Another version of the library may draw them otherwise; only the newly stored ones are known to be whole.
        known.thumb_sha256, known.preview_sha256 = stored.thumb_sha256, stored.preview_sha256
        return known
    asset, is_new = added(
        Asset(kim_id=kim_id, uploaded_by=actor.id, **asdict(stored)), lambda: _known(kim_id, stored.sha256)
    )
    if is_new:
        audit.record(actor, "media.upload", "asset", asset.id, sha256=asset.sha256)
    return asset


def take_upload(actor: Actor, kim_id: str | None, data: bytes, files: FileStore) -> Asset:
    """`store_photo` and `keep_photo` in one."""
    allow(actor, Permission.POST_WRITE, Place(kim_id))
    return keep_photo(actor, kim_id, store_photo(data, files))


def render_for(
    asset: Asset,
    rule: Limits,
    focus: tuple[float, float],
    files: FileStore,
    ratio: float | None = None,
) -> Rendition:
    """The file of `asset` for a channel, made once and then found again; one that is damaged is made anew.

    `focus` is what must stay in the picture, as shares of width and height. `ratio` is the one that all
    photos of the post share; it is brought into what the channel takes.
    """
    spec, focus = _spec(rule, ratio), (_share(focus[0]), _share(focus[1]))
    key = ids.digest(canonical([asset.id, asset.sha256, asdict(spec), focus]))
    known = db.session.get(Rendition, key)
    if known and _is_whole(known, files):
        return known
    made = images.render(files.read_verified(asset.sha256, JPEG), spec, focus)
    files.put(made.data, JPEG)
    if known:
        known.sha256, known.size, known.width, known.height = made.sha256, len(made.data), made.width, made.height
        return known
    row = Rendition(
        key=key, asset_id=asset.id, sha256=made.sha256, size=len(made.data), width=made.width, height=made.height
    )
    return added(row, lambda: db.session.get(Rendition, key))[0]


def _is_whole(rendition: Rendition, files: FileStore) -> bool:
    try:
        files.read_verified(rendition.sha256, JPEG)
    except FileDamaged:
        return False
    return True


def _known(kim_id: str | None, sha256: str) -> Asset | None:
    return db.session.scalar(select(Asset).where(Asset.kim_id == kim_id, Asset.sha256 == sha256))


def added(row: Row, find: Callable[[], Row | None]) -> tuple[Row, bool]:
    """The row and whether it is new. When somebody else was faster, theirs is taken."""
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        found = find()
        if found is None:
            raise
        return found, False
    return row, True


def _spec(rule: Limits, ratio: float | None) -> Spec:
    low, high = rule.min_ratio, rule.max_ratio
    if ratio is not None:
        wanted = min(max(ratio, low), high)
        low, high = max(low, wanted * (1 - RATIO_SLACK)), min(high, wanted * (1 + RATIO_SLACK))
    return Spec(
        "channel",
        min_ratio=low,
        max_ratio=high,
        max_width=rule.max_width,
        max_bytes=rule.max_bytes,
        min_width=rule.min_width,
    )


def _share(value: float) -> float:
    return round(min(max(value, 0.0), 1.0), 4)
