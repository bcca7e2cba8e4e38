"""Sums of the newest figures over deliveries that are out. What is not known is left out and counted beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func

from contentdesk.metrics.models import LatestFigures
from contentdesk.publishing.models import Delivery

INTERACTIONS = (LatestFigures.likes, LatestFigures.comments, LatestFigures.shares, LatestFigures.saves)


@dataclass(frozen=True)
class Sums:
    """None: nothing is known. What is not known of single posts is left out of a sum and counted beside it."""

    posts: int = 0
    known: int = 0
    """Posts whose reach is known on at least one channel."""
    deliveries: int = 0
    deliveries_known: int = 0
    reach: int | None = None
    views: int | None = None
    interactions: int | None = None

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.posts + other.posts,
            self.known + other.known,
            self.deliveries + other.deliveries,
            self.deliveries_known + other.deliveries_known,
            plus(self.reach, other.reach),
            plus(self.views, other.views),
            plus(self.interactions, other.interactions),
        )


def plus(one: int | None, other: int | None) -> int | None:
    """The sum of what is known."""
    if one is None or other is None:
        return other if one is None else one
    return one + other


_KNOWN_POST = case((LatestFigures.reach.is_not(None), Delivery.post_id))
SUMS: tuple[Any, ...] = (
    func.count(Delivery.post_id.distinct()),
    func.count(_KNOWN_POST.distinct()),
    func.count(Delivery.id),
    func.count(LatestFigures.reach),
    func.sum(LatestFigures.reach),
    func.sum(LatestFigures.views),
    *(func.sum(column) for column in INTERACTIONS),
)
"""Columns of a query over deliveries with their newest figures, for `read`."""


def read(values: Sequence[Any]) -> Sums:
    """PostgreSQL sums whole numbers to decimals: here they become whole again."""
    posts, known, deliveries, deliveries_known, reach, views, *parts = values
    interactions = None
    for part in parts:
        interactions = plus(interactions, _whole(part))
    return Sums(posts, known, deliveries, deliveries_known, _whole(reach), _whole(views), interactions)


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
