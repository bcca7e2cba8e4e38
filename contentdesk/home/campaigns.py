"""What came of campaigns: their posts, who takes part, their figures. Each read costs the same however many posts.

`kim_id` None: of every KIM, otherwise of this one alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import joinedload

from contentdesk.kim.models import Kim
from contentdesk.lib.db import db
from contentdesk.lib.pages import Page, page_of
from contentdesk.metrics import sums
from contentdesk.metrics.models import LatestFigures
from contentdesk.metrics.sums import Sums
from contentdesk.posts.models import Post
from contentdesk.posts.states import PostState
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState

Row = TypeVar("Row")
PER_PAGE = 10


@dataclass(frozen=True)
class Counts:
    posts: int = 0
    kims: int = 0
    out: int = 0
    """Posts that are public on at least one channel."""


@dataclass(frozen=True)
class OfKim:
    """What one KIM brings to a campaign."""

    kim: Kim
    counts: Counts
    sums: Sums


@dataclass(frozen=True)
class Figures:
    total: Sums
    taken_at: datetime | None
    """When the newest of them were taken."""


def counts(campaign_ids: Sequence[str], kim_id: str | None) -> dict[str, Counts]:
    """By campaign; those without a post are left out."""
    query = select(Post.campaign_id, *_counted()).where(Post.campaign_id.in_(campaign_ids))
    rows = db.session.execute(_of_kim(_shown(query), kim_id).group_by(Post.campaign_id))
    return {str(campaign_id): Counts(*numbers) for campaign_id, *numbers in rows}


def page_of_posts(campaign_id: str, kim_id: str | None, number: int) -> Page[Post]:
    """Newest first, with KIM."""
    query = _shown(select(Post).where(Post.campaign_id == campaign_id)).options(joinedload(Post.kim))
    return page_of(_of_kim(query, kim_id).order_by(Post.updated_at.desc(), Post.id), number, PER_PAGE)


def by_kim(campaign_id: str, kim_id: str | None) -> list[OfKim]:
    """Who takes part, most posts first; each with kelurahan."""
    query = select(Kim, *_counted()).join(Post, Post.kim_id == Kim.id).where(Post.campaign_id == campaign_id)
    query = _of_kim(_shown(query), kim_id).options(joinedload(Kim.kelurahan))
    found = db.session.execute(query.group_by(Kim.id).order_by(func.count().desc(), Kim.name)).all()
    of_each = _sums_by_kim(campaign_id)
    return [OfKim(kim, Counts(*numbers), of_each.get(kim.id, Sums())) for kim, *numbers in found]


def codes(campaign_id: str) -> set[str]:
    """Of the kelurahan whose KIM take part, of every KIM: no secret."""
    query = select(Kim.kelurahan_code).join(Post, Post.kim_id == Kim.id).where(Post.campaign_id == campaign_id)
    return set(db.session.scalars(_shown(query).distinct()))


def figures(campaign_id: str, kim_id: str | None) -> Figures:
    """Of all that went out in it, whatever became of the posts since."""
    found = [one for kim, one in _sums_by_kim(campaign_id).items() if kim_id in {None, kim}]
    known = case((LatestFigures.reach.is_not(None), LatestFigures.taken_at))
    taken_at = db.session.scalar(_of_kim(_out(campaign_id, func.max(known)), kim_id))
    return Figures(reduce(add, found, Sums()), taken_at)


def _sums_by_kim(campaign_id: str) -> dict[str, Sums]:
    rows = db.session.execute(_out(campaign_id, Post.kim_id, *sums.SUMS).group_by(Post.kim_id))
    return {kim_id: sums.read(values) for kim_id, *values in rows}


def _out(campaign_id: str, *columns: Any) -> Select[Any]:
    """As the reports count: what is out, with its newest figures."""
    return (
        select(*columns)
        .select_from(Delivery)
        .join(Post, Post.id == Delivery.post_id)
        .outerjoin(LatestFigures, LatestFigures.delivery_id == Delivery.id)
        .where(Post.campaign_id == campaign_id, Delivery.state == DeliveryState.SENT)
    )


def _counted() -> tuple[ColumnElement[Any], ...]:
    is_out = exists().where(Delivery.post_id == Post.id, Delivery.state == DeliveryState.SENT)
    return func.count(Post.id), func.count(Post.kim_id.distinct()), func.count(case((is_out, Post.id)))


def _shown(query: Select[Row]) -> Select[Row]:
    return query.where(Post.state != PostState.ARCHIVED)


def _of_kim(query: Select[Row], kim_id: str | None) -> Select[Row]:
    return query if kim_id is None else query.where(Post.kim_id == kim_id)
