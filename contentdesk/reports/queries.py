"""Sums over published posts. The number of queries does not depend on the number of posts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from contentdesk.channels.models import Account
from contentdesk.kim.models import Kim
from contentdesk.lib.db import db
from contentdesk.metrics.models import LatestFigures
from contentdesk.posts.models import Post
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.regions.models import City, Kecamatan, Kelurahan
from contentdesk.reports.periods import Period

INTERACTIONS = (LatestFigures.likes, LatestFigures.comments, LatestFigures.shares, LatestFigures.saves)


@dataclass(frozen=True)
class Scope:
    """Which deliveries count."""

    city_code: str
    channel: str | None = None
    kecamatan: str | None = None

    def regions(self) -> ColumnElement[bool]:
        wanted = Kecamatan.city_code == self.city_code
        return and_(wanted, Kecamatan.code == self.kecamatan) if self.kecamatan else wanted


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


def city_name(code: str) -> str:
    return db.session.scalar(select(City.name).where(City.code == code)) or ""


def places(scope: Scope) -> Sequence[tuple[Kelurahan, Kecamatan]]:
    rows = db.session.execute(
        select(Kelurahan, Kecamatan)
        .join(Kecamatan, Kecamatan.code == Kelurahan.kecamatan_code)
        .where(scope.regions())
        .order_by(Kecamatan.name, Kelurahan.name)
    )
    return [(kelurahan, kecamatan) for kelurahan, kecamatan in rows]


def kecamatan_choices(city_code: str) -> list[tuple[str, str]]:
    rows = db.session.execute(
        select(Kecamatan.code, Kecamatan.name).where(Kecamatan.city_code == city_code).order_by(Kecamatan.name)
    )
    return [(code, name) for code, name in rows]


def with_kim(at: datetime) -> set[str]:
    """Codes of kelurahan that have a KIM at that moment."""
    open_then = or_(Kim.closed_at.is_(None), Kim.closed_at > at)
    return set(db.session.scalars(select(Kim.kelurahan_code).where(open_then).distinct()))


def _sent(scope: Scope, period: Period, *columns: Any) -> Select[Any]:
    query = (
        select(*columns)
        .select_from(Delivery)
        .join(Post, Post.id == Delivery.post_id)
        .join(Kim, Kim.id == Post.kim_id)
        .join(Kelurahan, Kelurahan.code == Kim.kelurahan_code)
        .join(Kecamatan, Kecamatan.code == Kelurahan.kecamatan_code)
        .join(Account, Account.id == Delivery.account_id)
        .outerjoin(LatestFigures, LatestFigures.delivery_id == Delivery.id)
        .where(
            Delivery.state == DeliveryState.SENT,
            Delivery.sent_at >= period.start,
            Delivery.sent_at < period.end,
            scope.regions(),
        )
    )
    return query.where(Account.kind == scope.channel) if scope.channel else query


_KNOWN_POST = case((LatestFigures.reach.is_not(None), Delivery.post_id))
_SUMS: tuple[Any, ...] = (
    func.count(Delivery.post_id.distinct()),
    func.count(_KNOWN_POST.distinct()),
    func.count(Delivery.id),
    func.count(LatestFigures.reach),
    func.sum(LatestFigures.reach),
    func.sum(LatestFigures.views),
    *(func.sum(column) for column in INTERACTIONS),
)


def _read_sums(values: Sequence[Any]) -> Sums:
    """PostgreSQL sums whole numbers to decimals: here they become whole again."""
    posts, known, deliveries, deliveries_known, reach, views, *parts = values
    interactions = None
    for part in parts:
        interactions = plus(interactions, _whole(part))
    return Sums(posts, known, deliveries, deliveries_known, _whole(reach), _whole(views), interactions)


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def sums_by_kelurahan(scope: Scope, period: Period) -> dict[str, Sums]:
    """Only kelurahan with posts are in it."""
    rows = db.session.execute(_sent(scope, period, Kim.kelurahan_code, *_SUMS).group_by(Kim.kelurahan_code))
    return {code: _read_sums(values) for code, *values in rows}


def sums_by_span(scope: Scope, spans: Sequence[Period]) -> list[Sums]:
    """For spans that follow one another, oldest first."""
    whole = Period(spans[0].first, spans[-1].last)
    number = case(*((Delivery.sent_at < span.end, place) for place, span in enumerate(spans)))
    found = {
        place: _read_sums(values)
        for place, *values in db.session.execute(_sent(scope, whole, number, *_SUMS).group_by(number))
    }
    return [found.get(place, Sums()) for place in range(len(spans))]


@dataclass(frozen=True)
class Origin:
    """What one kind of channel brings to the report, by a platform's interface or by hand."""

    kind: str
    by_hand: bool
    deliveries: int
    known: int
    newest: datetime | None
    """When its newest known figures were taken."""


def origins(scope: Scope, period: Period) -> list[Origin]:
    taken = case((LatestFigures.reach.is_not(None), LatestFigures.taken_at))
    of = (Account.kind, Account.by_hand)
    sums = (func.count(Delivery.id), func.count(LatestFigures.reach), func.max(taken))
    rows = db.session.execute(_sent(scope, period, *of, *sums).group_by(*of).order_by(*of))
    return [Origin(*row) for row in rows]
