"""Videos as members hand them in, and as a worker leaves them."""

from io import BytesIO

from contentdesk.channels.base import VideoRule
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.media import videos
from contentdesk.media.models import Asset
from contentdesk.users.models import User
from workers import media


def handed_in(user: User, data: bytes) -> Asset:
    received = videos.receive(BytesIO(data), len(data), desk().files)
    with transaction():
        return videos.keep_video(user, user.kim_id, received, desk().files)


def prepared(user: User, data: bytes, rules: tuple[VideoRule, ...] = ()) -> Asset:
    """With a file for each of `rules`."""
    asset = handed_in(user, data)
    media.step(asset.id, desk(), rules)
    return fresh(asset)


def fresh(asset: Asset) -> Asset:
    db.session.rollback()
    return db.session.get_one(Asset, asset.id, populate_existing=True)
