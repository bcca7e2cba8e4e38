"""The poll job against a platform that answers over HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from contentdesk.channels.models import Account, AccountState
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.metrics import queries
from contentdesk.metrics.models import LatestFigures
from contentdesk.publishing.models import Delivery
from tests import gates
from tests.channels.scripted import HTML, Answer, ScriptedPlatform, refusal
from tests.factories import Factory
from tests.metrics.made import sent_delivery
from workers import metrics

QUEUE_KEY = "rq:queue:metrics"


@pytest.fixture
def platform() -> Iterator[ScriptedPlatform]:
    scripted = ScriptedPlatform()
    yield scripted
    scripted.stop()


@pytest.fixture
def settings(platform: ScriptedPlatform) -> dict[str, Any]:
    return {"platform_base_url": platform.url}


@pytest.fixture(autouse=True)
def _nothing_swept_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is a beat that has just started."""
    monkeypatch.setattr(metrics, "sweep", metrics.Seldom(metrics.SWEEP_EVERY))


@pytest.fixture
def delivery(app: Flask, make: Factory) -> Delivery:
    """Out for two hours, followed, due."""
    kim = make.kim()
    account = make.account(kim, token_sealed=desk().box.seal("rahasia"))
    delivery = sent_delivery(make, kim, account=account)
    metrics.ring_due(desk(), clock.now())
    return delivery


def insights(**values: int) -> Answer:
    return Answer({"data": [{"name": name, "values": [{"value": value}]} for name, value in values.items()]})


def works_again(platform: ScriptedPlatform) -> None:
    platform.on("GET", "/", Answer({}))
    platform.on("GET", "/insights", insights(reach=9, likes=1, comments=1))


def poll(delivery: Delivery) -> LatestFigures:
    gates.open_all(desk().bell.connection)
    metrics.step(delivery.account_id, desk())
    row = queries.latest(delivery.id)
    assert row is not None
    return row


def account_of(delivery: Delivery) -> Account:
    return db.session.get_one(Account, delivery.account_id)


def test_figures_come_in_and_unknown_ones_stay_unknown(platform: ScriptedPlatform, delivery: Delivery) -> None:
    platform.on("GET", "/insights", insights(reach=42, views=50, likes=0, comments=1))
    row = poll(delivery)
    assert (row.reach, row.views, row.likes, row.comments, row.shares, row.saves) == (42, 50, 0, 1, None, None)
    assert (row.polls, row.failures) == (1, 0)
    assert row.poll_at is not None
    assert row.poll_at > clock.now()


def test_the_beat_rings_once_for_all_posts_of_an_account(app: Flask, make: Factory, delivery: Delivery) -> None:
    sent_delivery(make, account=account_of(delivery))
    metrics.sweep.soon_again()
    bell = desk().bell
    for _ in range(3):
        metrics.ring_due(desk(), clock.now())
    assert bell.connection.llen(QUEUE_KEY) == 1
    assert len(queries.due_polls(clock.now())[delivery.account_id]) == 2


def test_a_second_job_finds_nothing_to_ask(platform: ScriptedPlatform, delivery: Delivery) -> None:
    platform.on("GET", "/insights", insights(reach=1, likes=1, comments=1))
    poll(delivery)
    asked = len(platform.asked)
    assert asked
    poll(delivery)
    assert len(platform.asked) == asked


def test_a_lost_login_marks_the_account_and_loses_nothing(platform: ScriptedPlatform, delivery: Delivery) -> None:
    platform.on("GET", "/", refusal(190))
    row = poll(delivery)
    assert account_of(delivery).state == AccountState.EXPIRED
    assert row.failures == 0
    asked = len(platform.asked)
    poll(delivery)
    assert len(platform.asked) == asked
    with transaction():
        account_of(delivery).state = AccountState.CONNECTED
    works_again(platform)
    assert poll(delivery).reach == 9


@pytest.mark.parametrize(
    "answer", [refusal(4), refusal(2, status=500), HTML, Answer("", status=502)], ids=["limit", "busy", "html", "502"]
)
def test_a_failed_poll_waits_longer_and_comes_again(
    platform: ScriptedPlatform, delivery: Delivery, answer: Answer
) -> None:
    platform.on("GET", "/", answer)
    before = clock.now()
    row = poll(delivery)
    assert (row.reach, row.failures) == (None, 1)
    assert account_of(delivery).state == AccountState.CONNECTED
    assert row.poll_at is not None
    assert row.poll_at > before + timedelta(seconds=60)
    with transaction():
        db.session.get_one(LatestFigures, delivery.id).poll_at = before
    works_again(platform)
    assert poll(delivery).reach == 9


def test_a_platform_that_is_not_there_loses_nothing(platform: ScriptedPlatform, delivery: Delivery) -> None:
    platform.stop()
    row = poll(delivery)
    assert (row.failures, row.reach) == (1, None)
    assert row.poll_at is not None


def test_no_transaction_is_open_while_the_platform_is_asked(
    app: Flask, platform: ScriptedPlatform, delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = metrics.registry.get("instagram")
    open_then: list[bool] = []

    def measure(*_args: object) -> dict[str, object]:
        open_then.append(db.session().in_transaction())
        return {}

    monkeypatch.setattr(type(channel), "measure", measure)
    poll(delivery)
    assert open_then == [False]


def test_a_link_that_came_days_after_its_task_is_found_by_the_hour(app: Flask, make: Factory) -> None:
    late = sent_delivery(make)
    with transaction():
        db.session.get_one(Delivery, late.id).next_at = clock.now() - timedelta(days=9)
    metrics.long_sweep.is_time(clock.now())
    metrics.sweep.soon_again()
    metrics.ring_due(desk(), clock.now())
    assert queries.latest(late.id) is None
    metrics.ring_due(desk(), clock.now() + metrics.LONG_SWEEP_EVERY)
    assert queries.latest(late.id) is not None
