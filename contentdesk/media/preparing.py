"""Which worker prepares a video: conditional UPDATEs, so that of two workers or a doubled job exactly one wins.

The row is the truth. A worker that was killed loses its lease, and the video is taken up again.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update

from contentdesk.lib.db import db
from contentdesk.lib.i18n import N_
from contentdesk.lib.jobs import Bell
from contentdesk.media import clips, videos
from contentdesk.media.clips import VideoLimits
from contentdesk.media.models import Asset, AssetState, Media, Rendition

JOB = "workers.media.prepare"
QUEUE = "media"
LONGEST_S = 3 * 3600
QUIET_S = 600
"""So long a rung video is not rung again: it may stand behind another one."""
LEASE = timedelta(seconds=90)
"""Renewed every ten seconds while the encoder runs."""
AGAIN_IN = timedelta(seconds=30)
MOST_TRIES = 3
MOST_AT_ONCE = 20
LOOKED_BACK = timedelta(days=90)
GIVEN_UP = N_("Video ini berkali-kali gagal disiapkan. Unggah lagi, atau beri tahu admin.")


def ring(bell: Bell, asset: Asset) -> bool:
    """After the commit, so that nobody waits for the beat. False: the queue cannot be reached."""
    return asset.state != AssetState.PREPARING or ring_for(bell, asset.id)


def ring_for(bell: Bell, asset_id: str) -> bool:
    return bell.ring(QUEUE, JOB, asset_id, timeout_s=LONGEST_S, quiet_s=QUIET_S)


def due(now: datetime) -> list[str]:
    """Ids of videos that nobody prepares, the oldest first."""
    query = (
        select(Asset.id)
        .where(Asset.state == AssetState.PREPARING, _is_free(now))
        .order_by(Asset.created_at)
        .limit(MOST_AT_ONCE)
    )
    return list(db.session.scalars(query))


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(Asset.lease.is_(None), Asset.lease_until < now)


def claim(asset_id: str, lease: str, now: datetime) -> Asset | None:
    """Takes a video in hand; None when it is not to be had. One that failed too often is given up here."""
    taken = _update(
        Asset.id == asset_id,
        Asset.state == AssetState.PREPARING,
        _is_free(now),
        lease=lease,
        lease_until=now + LEASE,
        tries=Asset.tries + 1,
    )
    if not taken:
        return None
    asset = db.session.get_one(Asset, asset_id, populate_existing=True)
    if asset.tries > MOST_TRIES:
        fail(asset_id, lease, GIVEN_UP)
        return None
    return asset


def renew(asset_id: str, lease: str, now: datetime) -> bool:
    """False: the lease is lost, somebody else has it in hand."""
    return _update(Asset.id == asset_id, Asset.lease == lease, lease_until=now + LEASE)


def keep(asset_id: str, lease: str, row: Rendition, now: datetime) -> bool:
    """The file that was made. One that was lost from the disk is found under its key again."""
    if not renew(asset_id, lease, now):
        return False
    db.session.merge(row)
    db.session.flush()
    return True


def ready(asset: Asset, lease: str) -> bool:
    house = videos.house_of(asset)
    assert house is not None
    facts = {name: getattr(house, name) for name in ("size", "width", "height", "seconds", "fps")}
    return _settle(asset.id, lease, state=AssetState.READY, problem=None, tries=0, **facts)


def fail(asset_id: str, lease: str, sentence: str) -> bool:
    return _settle(asset_id, lease, state=AssetState.FAILED, problem=sentence)


def put_off(asset_id: str, lease: str, now: datetime) -> bool:
    """It was no fault of the video: tried again soon, though not for ever."""
    return _update(Asset.id == asset_id, Asset.lease == lease, lease_until=now + AGAIN_IN)


def _settle(asset_id: str, lease: str, **values: Any) -> bool:
    return _update(Asset.id == asset_id, Asset.lease == lease, lease=None, lease_until=None, **values)


def _update(*where: ColumnElement[bool], **values: Any) -> bool:
    done = db.session.execute(
        update(Asset).where(*where).values(**values).returning(Asset.id).execution_options(synchronize_session=False)
    ).first()
    return done is not None


def take_up_missing(rules: Callable[[str | None], Collection[VideoLimits]], now: datetime) -> int:
    """Ready videos for which a file is missing, because a channel came or changed its limits. How many there were.

    `rules`: what is asked of the videos of a KIM.
    """
    query = select(Asset).where(
        Asset.media == Media.VIDEO, Asset.state == AssetState.READY, Asset.created_at > now - LOOKED_BACK
    )
    lacking = [asset.id for asset in db.session.scalars(query) if _lacks(asset, rules(asset.kim_id))]
    for asset_id in lacking:
        _update(Asset.id == asset_id, Asset.state == AssetState.READY, state=AssetState.PREPARING, tries=0)
    return len(lacking)


def _lacks(asset: Asset, rules: Collection[VideoLimits]) -> bool:
    keys = {one.key: one for one in db.session.scalars(select(Rendition).where(Rendition.asset_id == asset.id))}
    house = keys.get(videos.key_of(asset, None))
    return house is not None and any(
        clips.needs_smaller(house, rule) and videos.key_of(asset, rule) not in keys for rule in rules
    )
