"""Many posts of an account that is asked post by post: a job takes a handful, keeps what it has, comes again."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from contentdesk.channels.base import Stats
from contentdesk.channels.kinds.threads import Threads
from contentdesk.channels.models import Account
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.desk import desk
from contentdesk.metrics import queries
from contentdesk.metrics.models import LatestFigures
from tests.channels.conftest import Later
from tests.factories import Factory
from tests.metrics.made import sent_delivery
from workers import metrics

QUEUE_KEY = "rq:queue:metrics"


class Killed(Exception):
    """As RQ ends a job that takes too long."""


@pytest.fixture(autouse=True)
def _nothing_swept_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is a beat that has just started."""
    monkeypatch.setattr(metrics, "sweep", metrics.Seldom(metrics.SWEEP_EVERY))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    return Later(monkeypatch)


@pytest.fixture
def account(app: Flask, make: Factory) -> Account:
    """With 30 posts that are due."""
    kim = make.kim()
    account = make.account(kim, "threads", token_sealed=desk().box.seal("rahasia"))
    for _ in range(30):
        sent_delivery(make, kim, account=account)
    metrics.ring_due(desk(), clock.now())
    desk().bell.connection.flushdb()
    return account


def answering(
    monkeypatch: pytest.MonkeyPatch, then: Callable[[int], None] = lambda _asked: None
) -> list[Sequence[str]]:
    """A platform that knows every post; `then` happens in each call, with how many came before."""
    calls: list[Sequence[str]] = []

    def measure(_channel: object, _http: object, _login: object, ids: Sequence[str]) -> Mapping[str, Stats]:
        calls.append(ids)
        then(len(calls) - 1)
        return {one: Stats(reach=7, comments=0) for one in ids}

    monkeypatch.setattr(Threads, "measure", measure)
    return calls


def known() -> int:
    return db.session.scalar(select(func.count(LatestFigures.reach))) or 0


def rung() -> int:
    return int(desk().bell.connection.llen(QUEUE_KEY))


def test_a_job_takes_a_handful_and_rings_for_the_rest(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = answering(monkeypatch)
    metrics.step(account.id, desk())
    assert sum(map(len, calls)) == known() == queries.BATCH < 30
    assert rung() == 1
    desk().bell.connection.flushdb()
    metrics.step(account.id, desk())
    assert (known(), rung()) == (30, 0)


def test_what_was_read_before_the_job_was_killed_is_kept(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed_in_the_third(asked: int) -> None:
        if asked == 2:
            raise Killed

    calls = answering(monkeypatch, killed_in_the_third)
    with pytest.raises(Killed):
        metrics.step(account.id, desk())
    db.session.rollback()
    assert known() == len(calls[0]) + len(calls[1]) < queries.BATCH


def test_an_answer_that_breaks_us_holds_back_its_own_posts_alone(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are due at once, and those come again later, each time twice as late."""

    def broken_in_the_second(asked: int) -> None:
        if asked == 1:
            raise TypeError

    calls = answering(monkeypatch, broken_in_the_second)
    with pytest.raises(TypeError):
        metrics.step(account.id, desk())
    now = clock.now()
    due = queries.due_polls(now)[account.id]
    assert len(due) == 30 - len(calls[0]) - len(calls[1])
    rows = db.session.scalars(select(LatestFigures).where(LatestFigures.failures == 1)).all()
    assert len(rows) == len(calls[1])
    assert all(row.poll_at and now < row.poll_at < now + timedelta(minutes=5) for row in rows)


def test_a_slow_platform_is_left_before_the_job_is_killed(
    account: Account, monkeypatch: pytest.MonkeyPatch, later: Later
) -> None:
    answering(monkeypatch, lambda _asked: later(timedelta(seconds=40)))
    metrics.step(account.id, desk())
    assert 0 < known() < queries.BATCH
    assert sum(map(len, queries.due_polls(clock.now()).values())) == 30 - known()
    assert rung() == 1


def test_what_is_out_and_not_followed_is_looked_for_once_a_minute(app: Flask, make: Factory) -> None:
    now = clock.now()
    first = sent_delivery(make)
    metrics.ring_due(desk(), now)
    assert queries.latest(first.id)
    second = sent_delivery(make)
    metrics.ring_due(desk(), now + timedelta(seconds=59))
    assert queries.latest(second.id) is None
    metrics.ring_due(desk(), now + timedelta(seconds=60))
    assert queries.latest(second.id)


def test_more_than_one_look_can_take_does_not_wait_a_minute(
    app: Flask, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MISSING", 2)
    kim = make.kim()
    account = make.account(kim)
    for _ in range(3):
        sent_delivery(make, kim, account=account)
    now = clock.now()
    for seconds in (0, 1):
        metrics.ring_due(desk(), now + timedelta(seconds=seconds))
    assert db.session.scalar(select(func.count()).select_from(LatestFigures)) == 3
