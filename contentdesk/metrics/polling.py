"""Claiming due rows and writing down what a poll brought. Whatever happens, a row becomes due again."""

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from contentdesk.channels.base import PartOf, Stats
from contentdesk.lib.db import db
from contentdesk.metrics import plan, queries
from contentdesk.metrics.models import LatestFigures
from contentdesk.metrics.services import Source, record_sample
from contentdesk.publishing.models import Delivery


@dataclass(frozen=True)
class Claimed:
    """A row that one worker has to itself until `until`."""

    delivery_id: str
    external_id: str
    sent_at: datetime
    failures: int
    until: datetime


def claim(account_id: str, now: datetime, most: int) -> list[Claimed]:
    """Takes up to `most` of the account's due rows by moving their `poll_at`. Of two workers at one row one gets it."""
    until = now + plan.LEASE
    due = queries.due_of_account(account_id, now, most).cte()  # as a subquery PostgreSQL may ask it again for each row
    taken = db.session.scalars(
        update(LatestFigures)
        .where(
            LatestFigures.delivery_id.in_(select(due.c.delivery_id)),
            LatestFigures.poll_at <= now,
        )
        .values(poll_at=until, asked_at=now)
        .returning(LatestFigures.delivery_id)
        .execution_options(synchronize_session=False)
    ).all()
    return _read(taken, until)


def _read(delivery_ids: Collection[str], until: datetime) -> list[Claimed]:
    rows = db.session.execute(
        select(Delivery.id, Delivery.external_id, Delivery.sent_at, LatestFigures.failures)
        .join(LatestFigures, LatestFigures.delivery_id == Delivery.id)
        .where(Delivery.id.in_(delivery_ids))
    )
    return [
        Claimed(delivery_id, external_id, sent_at, failures, until)
        for delivery_id, external_id, sent_at, failures in rows
        if external_id is not None and sent_at is not None
    ]


def settle(claimed: Collection[Claimed], figures: Mapping[str, Stats], taken_at: datetime) -> None:
    """Keeps what came. A post the platform left out is asked again later, not given up; one that a round did not reach
    is due as it was."""
    cut_short = isinstance(figures, PartOf) and bool(figures)
    for one in claimed:
        stats = figures.get(one.external_id)
        if stats is None and cut_short:
            hand_back([one], taken_at)
            continue
        if stats is None:
            put_off([one], taken_at, longest=plan.LONGEST_ABSENCE)
            continue
        record_sample(one.delivery_id, stats, Source.API, taken_at)
        _move(one, plan.next_poll(one.sent_at, taken_at), failures=0)


def put_off(
    claimed: Collection[Claimed],
    now: datetime,
    at_least: timedelta = timedelta(),
    longest: timedelta = plan.LONGEST_WAIT,
) -> None:
    """The poll brought nothing: later again, each time twice as late."""
    for one in claimed:
        chance = random.random()  # noqa: S311 - spreads load, guards nothing
        again_at = plan.retry_poll(one.sent_at, now, one.failures, chance, at_least, longest)
        _move(one, again_at, failures=one.failures + 1)


def hand_back(claimed: Collection[Claimed], now: datetime) -> None:
    """Not asked after all: the rows stay due. Those of an account that is cut off wait until it is connected again."""
    for one in claimed:
        _move(one, now, failures=one.failures)


def sooner(delivery_id: str, at: datetime) -> None:
    """Asked about at `at`, unless it is due before that anyhow."""
    db.session.execute(
        update(LatestFigures)
        .where(
            LatestFigures.delivery_id == delivery_id, or_(LatestFigures.poll_at.is_(None), LatestFigures.poll_at > at)
        )
        .values(poll_at=at)
        .execution_options(synchronize_session=False)
    )


def _move(one: Claimed, poll_at: datetime | None, failures: int) -> None:
    """Unless somebody asked for a new poll meanwhile, or the lease ran out and another worker has the row."""
    db.session.execute(
        update(LatestFigures)
        .where(LatestFigures.delivery_id == one.delivery_id, LatestFigures.poll_at == one.until)
        .values(poll_at=poll_at, failures=failures, polls=LatestFigures.polls + 1)
        .execution_options(synchronize_session=False)
    )
