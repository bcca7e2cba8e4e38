"""Preparing videos, in a worker of its own: one at a time, so that publishing never waits behind one."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from contentdesk.channels import own_limits, registry
from contentdesk.channels.base import VideoRule
from contentdesk.lib import clock, ids
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import Desk, desk
from contentdesk.lib.files import StorageFull
from contentdesk.lib.i18n import N_
from contentdesk.media import clips, encoding, fence, preparing, probing, videos
from contentdesk.media.clips import Shape
from contentdesk.media.models import Asset, AssetState, Rendition
from contentdesk.media.probing import BadVideo, Probed
from workers.app import app
from workers.metrics import Seldom

log = logging.getLogger(__name__)
FORGOTTEN_AFTER = timedelta(days=1)
GONE = N_("Berkas video ini tidak ada lagi di server. Unggah videonya sekali lagi.")
TOO_LONG = N_("Video ini terlalu panjang untuk batas ukuran salah satu kanal. Potong dulu, lalu unggah lagi.")
sweep = Seldom(timedelta(hours=1))


def rules(kim_id: str | None) -> list[VideoRule]:
    """What the channels ask of a video, and the accounts that its KIM may choose; each once."""
    return list(dict.fromkeys([*_of_channels(), *own_limits.video_rules(kim_id)]))


def _of_channels() -> list[VideoRule]:
    wanted = [form.rules.video for channel in registry.KINDS.values() for form in channel.formats]
    return [rule for rule in wanted if rule is not None]


def ring_due(at: Desk, now: datetime) -> None:
    """For the beat."""
    if sweep.is_time(now):
        with transaction():
            preparing.take_up_missing(cache(rules), now)
        clear_bench(at.files.bench("x").parent, now)
    for asset_id in preparing.due(now):
        if not preparing.ring_for(at.bell, asset_id):
            break
    db.session.rollback()


def clear_bench(folder: Path, now: datetime) -> None:
    """What killed processes left there. A video that still waits for a worker keeps its file."""
    for path in folder.iterdir():
        asset = db.session.get(Asset, path.name.partition(".")[0])
        waits = asset is not None and asset.state == AssetState.PREPARING
        if not waits and now.timestamp() - path.stat().st_mtime > FORGOTTEN_AFTER.total_seconds():
            path.unlink(missing_ok=True)


def prepare(asset_id: str) -> None:
    """RQ job. Safe to call at any time, any number of times."""
    with app().app_context():
        desk().bell.answered(preparing.JOB, asset_id)
        step(asset_id, desk())


@dataclass(frozen=True)
class _Work:
    """A video in hand: plain data, good outside the transaction."""

    asset: Asset
    lease: str
    at: Desk

    def go_on(self) -> bool:
        with transaction():
            return preparing.renew(self.asset.id, self.lease, clock.now())


def step(asset_id: str, at: Desk, wanted: Collection[VideoRule] | None = None) -> None:
    lease = ids.new()
    with transaction() as session:
        asset = preparing.claim(asset_id, lease, clock.now())
        if asset is not None:
            session.expunge(asset)
    if asset is None:
        return
    try:
        _make_all(_Work(asset, lease, at), rules(asset.kim_id) if wanted is None else wanted)
    except BadVideo as error:
        with transaction():
            preparing.fail(asset_id, lease, str(error))
    except (fence.Interrupted, StorageFull) as error:
        log.warning("video %s is tried again: %s", asset_id, error)
        with transaction():
            preparing.put_off(asset_id, lease, clock.now())


def _make_all(work: _Work, wanted: Collection[VideoRule]) -> None:
    """The house rendition, then a smaller one for each rule that it does not fit; what is there stays."""
    source = work.at.files.bench(videos.source_name(work.asset.id))
    house = _whole(work, videos.key_of(work.asset, None)) or _make_house(work, source)
    for rule in wanted:
        if clips.needs_smaller(house, rule) and not _whole(work, videos.key_of(work.asset, rule)):
            _make_smaller(work, house, rule)
    with transaction():
        done = preparing.ready(work.asset, work.lease)
    if done:
        source.unlink(missing_ok=True)


def _whole(work: _Work, key: str) -> Rendition | None:
    row = db.session.get(Rendition, key)
    return row if row and work.at.files.path_of(row.sha256, videos.MP4).is_file() else None


def _make_house(work: _Work, source: Path) -> Rendition:
    if not source.is_file():
        raise BadVideo(GONE)
    found = probing.inspect(source)
    return _made(work, source, found, clips.house_shape(found.width, found.height, found.fps), None)


def _make_smaller(work: _Work, house: Rendition, rule: VideoRule) -> None:
    """A limit that one account's server made up stops that account's posts (`channels.limits.refusals`), no others."""
    path = work.at.files.path_of(house.sha256, videos.MP4)
    found = replace(probing.probe(path), fps=house.fps)
    row = _made(work, path, found, clips.smaller_shape(house, rule), rule)
    if not clips.fits(row, rule) and rule in _of_channels():
        raise BadVideo(TOO_LONG)


def _made(work: _Work, source: Path, found: Probed, shape: Shape, rule: VideoRule | None) -> Rendition:
    target = work.at.files.bench(f"{work.asset.id}.{work.lease[-8:]}")
    try:
        made = encoding.encode(source, found, shape, target, work.go_on)
        probing.refuse_by_length(made)
        if not encoding.is_house_style(made, target):
            raise encoding.unreadable()
        return _kept(work, target, made, shape, videos.key_of(work.asset, rule))
    finally:
        target.unlink(missing_ok=True)


def _kept(work: _Work, target: Path, made: Probed, shape: Shape, key: str) -> Rendition:
    stored = work.at.files.take(target, videos.MP4)
    row = Rendition(
        key=key,
        asset_id=work.asset.id,
        sha256=stored.sha256,
        size=stored.size,
        width=made.width,
        height=made.height,
        seconds=made.seconds,
        fps=shape.fps,
        created_at=clock.now(),
    )
    with transaction():
        if not preparing.keep(work.asset.id, work.lease, row, clock.now()):
            raise fence.Interrupted("somebody else has it in hand")
    return row
