"""What each platform's posts came to lately, and how late their irreversible calls left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from sqlalchemy import ColumnElement, Subquery, case, func, literal_column, select
from sqlalchemy.orm import Mapped

from contentdesk.channels.models import Account
from contentdesk.lib.db import db
from contentdesk.publishing.health import seconds_between
from contentdesk.publishing.models import Delivery, DeliveryEvent
from contentdesk.publishing.states import DeliveryState

DAY, WEEK = timedelta(hours=24), timedelta(days=7)
FAILED, EXPIRED = "failed", "expired"
ENDED = (FAILED, EXPIRED)
BUCKETS_S = (1, 2, 5, 10, 30, 60, 120, 300, 900, 3600)
"""Upper ends of the histogram."""


@dataclass
class Figures:
    """Of one platform in one span of time. `late`: how many by seconds of lateness, as fine as it matters."""

    published: int = 0
    failed: int = 0
    expired: int = 0
    """Its time was over before it could go out."""
    unknown: int = 0
    late: dict[float, int] = field(default_factory=dict)
    last_sent: datetime | None = None

    @property
    def troubled(self) -> float | None:
        """The share of what ended that is not surely out; None: nothing ended."""
        bad = self.failed + self.expired + self.unknown
        return bad / (bad + self.published) if bad + self.published else None

    def lateness(self, share: float) -> float | None:
        """Seconds that `share` of the calls did not exceed; None: there was no call by the engine."""
        values = sorted(self.late.items())
        total = sum(count for _seconds, count in values)
        counts = accumulate(count for _seconds, count in values)
        return next((s for (s, _n), upto in zip(values, counts, strict=True) if upto >= share * total), None)


@dataclass
class Total:
    """Since a moment, for counters that only grow until then. `buckets` as `BUCKETS_S`, and the rest."""

    published: int = 0
    failed: int = 0
    expired: int = 0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    late_s: float = 0.0


Spans = dict[str, dict[timedelta, Figures]]


def of_platforms(now: datetime) -> Spans:
    """Figures of the last 24 hours and 7 days by kind, in three queries."""
    found: Spans = {}
    for kind, recent, seconds, count, last in _sent(now):
        for figures in _spans(found, kind, recent):
            figures.published += count
            figures.last_sent = max(figures.last_sent or last, last)
            if seconds is not None:
                figures.late[seconds] = figures.late.get(seconds, 0) + count
    for kind, recent, what, count in _ended(now):
        for figures in _spans(found, kind, recent):
            setattr(figures, what, getattr(figures, what) + count)
    for kind, recent, count in _unknown(now):
        for figures in _spans(found, kind, recent):
            figures.unknown += count
    return found


def _spans(found: Spans, kind: str, recent: int) -> Sequence[Figures]:
    mine = found.setdefault(kind, {DAY: Figures(), WEEK: Figures()})
    return [mine[WEEK], mine[DAY]] if recent else [mine[WEEK]]


def _is_recent(moment: Mapped[Any], now: datetime) -> ColumnElement[int]:
    return case((moment >= now - DAY, 1), else_=0)


def _sent(now: datetime) -> Sequence[tuple[str, int, float | None, int, datetime]]:
    rows = _out(now - WEEK, _is_recent(Delivery.sent_at, now))
    seconds = _rounded(rows.c.late)
    inner = select(rows.c.kind, rows.c.recent, seconds.label("seconds"), rows.c.sent_at).subquery()
    one = (inner.c.kind, inner.c.recent, inner.c.seconds)
    query = select(*one, func.count(), func.max(inner.c.sent_at)).group_by(*one)
    return list(db.session.execute(query).tuples())


def _out(since: datetime, recent: ColumnElement[int]) -> Subquery:
    late = seconds_between(Delivery.due_at, Delivery.intent_at)
    late = case((late < 0, 0.0), else_=late)  # two machines' clocks
    query = select(Account.kind, recent.label("recent"), late.label("late"), Delivery.sent_at).join(Delivery.account)
    return query.where(Delivery.sent_at >= since).subquery()


def _rounded(late: ColumnElement[float]) -> ColumnElement[float]:
    """So that many rows make few groups."""
    return case(
        (late < 10, func.round(late * 10) / 10.0),
        (late < 600, func.round(late) * 1.0),
        else_=func.round(late / 60) * 60.0,
    )


def _was_ended() -> ColumnElement[bool]:
    """Word for word as the index says it."""
    return DeliveryEvent.what.in_([literal_column(f"'{what}'") for what in ENDED])


def _ended(now: datetime) -> Sequence[tuple[str, int, str, int]]:
    recent = _is_recent(DeliveryEvent.at, now).label("recent")
    return _ends(now - WEEK, recent)


def _ends(since: datetime, recent: ColumnElement[int]) -> Sequence[tuple[str, int, str, int]]:
    each = (
        select(Account.kind, recent, DeliveryEvent.what)
        .join(Delivery, Delivery.id == DeliveryEvent.delivery_id)
        .join(Account, Account.id == Delivery.account_id)
        .where(_was_ended(), DeliveryEvent.at >= since)
        .subquery()
    )
    one = (each.c.kind, each.c.recent, each.c.what)
    return list(db.session.execute(select(*one, func.count()).group_by(*one)).tuples())


def _unknown(now: datetime) -> Sequence[tuple[str, int, int]]:
    recent = _is_recent(Delivery.intent_at, now).label("recent")
    each = select(Account.kind, recent).join(Delivery.account)
    rows = each.where(Delivery.state == DeliveryState.UNKNOWN, Delivery.intent_at >= now - WEEK).subquery()
    query = select(rows.c.kind, rows.c.recent, func.count()).group_by(rows.c.kind, rows.c.recent)
    return list(db.session.execute(query).tuples())


def totals(since: datetime) -> Mapping[str, Total]:
    """By kind, in two queries. None of it is ever taken back, so that a counter may count it."""
    found: dict[str, Total] = {}
    for kind, bucket, count, late_s in _by_bucket(since):
        total = found.setdefault(kind, Total())
        total.published += count
        if bucket is not None:
            total.buckets[bucket] += count
            total.late_s += late_s
    for kind, _recent, what, count in _ends(since, literal_column("1").label("recent")):
        total = found.setdefault(kind, Total())
        setattr(total, what, getattr(total, what) + count)
    return found


def _by_bucket(since: datetime) -> Sequence[tuple[str, int | None, int, float]]:
    rows = _out(since, literal_column("1"))
    steps = [(rows.c.late <= end, number) for number, end in enumerate(BUCKETS_S)]
    bucket = case((rows.c.late.is_(None), None), *steps, else_=len(BUCKETS_S))
    inner = select(rows.c.kind, bucket.label("bucket"), rows.c.late).subquery()
    one = (inner.c.kind, inner.c.bucket)
    query = select(*one, func.count(), func.coalesce(func.sum(inner.c.late), 0.0)).group_by(*one)
    return list(db.session.execute(query).tuples())
