"""Reading photos."""

from collections.abc import Iterable

from sqlalchemy import select

from contentdesk.lib.db import db
from contentdesk.lib.errors import NotFound
from contentdesk.media.models import Asset


def get_asset(asset_id: str) -> Asset:
    found = db.session.get(Asset, asset_id)
    if found is None:
        raise NotFound()
    return found


def assets_of(kim_id: str, asset_ids: Iterable[str]) -> dict[str, Asset]:
    """By id; ids of another KIM's photos are left out as if they did not exist."""
    query = select(Asset).where(Asset.kim_id == kim_id, Asset.id.in_(list(asset_ids)))
    return {asset.id: asset for asset in db.session.scalars(query)}
