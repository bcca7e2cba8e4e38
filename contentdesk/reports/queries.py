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
from contentdesk.metrics.sums import SUMS, Sums, read
from contentdesk.posts.models import Post
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.regions.models import City, Kecamatan, Kelurahan
from contentdesk.reports.periods import Period


@dataclass(frozen=True)
class Scope:
    """Which deliveries count."""

    city_code: str
    channel: str | None = None
    kecamatan: str | None = None

    def regions(self) -> ColumnElement[bool]:
        wanted = Kecamatan.city_code == self.city_code
        return and_(wanted, Kecamatan.code == self.kecamatan) if self.kecamatan else wanted


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


def sums_by_kelurahan(scope: Scope, period: Period) -> dict[str, Sums]:
    """Only kelurahan with posts are in it."""
    rows = db.session.execute(_sent(scope, period, Kim.kelurahan_code, *SUMS).group_by(Kim.kelurahan_code))
    return {code: read(values) for code, *values in rows}


def sums_by_span(scope: Scope, spans: Sequence[Period]) -> list[Sums]:
    """For spans that follow one another, oldest first."""
    whole = Period(spans[0].first, spans[-1].last)
    number = case(*((Delivery.sent_at < span.end, place) for place, span in enumerate(spans)))
    found = {
        place: read(values)
        for place, *values in db.session.execute(_sent(scope, whole, number, *SUMS).group_by(number))
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
