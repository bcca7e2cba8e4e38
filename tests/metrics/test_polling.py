"""When platforms are asked, and that no row is asked twice or forgotten."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from contentdesk.channels.base import PartOf, Stats
from contentdesk.channels.models import AccountState
from contentdesk.lib import clock
from contentdesk.lib.db import db, is_sqlite, transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import DomainError
from contentdesk.metrics import plan, polling, queries, services
from contentdesk.metrics.models import LatestFigures
from contentdesk.publishing.models import Delivery
from tests.factories import Factory
from tests.metrics.made import sent_delivery
from workers import metrics

NOW = clock.now()


def follow(delivery: Delivery) -> LatestFigures:
    with transaction():
        services.start_missing([d for d in queries.sent_without_row(NOW - timedelta(days=90)) if d.id == delivery.id])
    return row_of(delivery)


def row_of(delivery: Delivery) -> LatestFigures:
    row = queries.latest(delivery.id)
    assert row is not None
    return row


def test_the_plan_asks_often_at_first_weekly_later_and_then_no_more() -> None:
    sent = NOW
    moment, asked = sent, []
    while (following := plan.next_poll(sent, moment)) is not None:
        asked.append(following - sent)
        moment = following
    assert asked[:4] == [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1)]
    assert asked == sorted(asked)
    assert asked[-2:] == [timedelta(days=56), timedelta(days=60)]
    assert plan.next_poll(sent, sent + timedelta(days=60)) is None


def test_a_long_pause_costs_one_poll_not_many() -> None:
    assert plan.next_poll(NOW, NOW + timedelta(hours=13)) == NOW + timedelta(hours=24)


def test_waits_grow_after_failures_and_are_spread() -> None:
    waits = [plan.retry_poll(NOW, NOW, failures, 0.5) for failures in range(20)]
    assert all(wait is not None for wait in waits)
    assert waits == sorted(waits)  # type: ignore[type-var]  # none is None, see above
    assert waits[-1] == NOW + plan.LONGEST_WAIT
    early, late = plan.retry_poll(NOW, NOW, 3, 0.0), plan.retry_poll(NOW, NOW, 3, 1.0)
    assert early is not None
    assert late is not None
    assert late > early > NOW
    assert plan.retry_poll(NOW, NOW, 0, 0.5, timedelta(hours=2)) == NOW + timedelta(hours=2)


def test_a_post_beyond_the_plan_is_not_asked_for_ever() -> None:
    assert plan.retry_poll(NOW - timedelta(days=70), NOW, 3, 0.5) is None


def test_what_is_out_is_followed_and_twice_changes_nothing(make: Factory) -> None:
    delivery = sent_delivery(make)
    row = follow(delivery)
    assert row.poll_at == delivery.sent_at + plan.AGES[0]
    with transaction():
        db.session.get(LatestFigures, delivery.id).poll_at = None
    with transaction():
        services.start_polling(queries.sent_delivery(delivery.id))
    assert row_of(delivery).poll_at is None


def test_figures_by_hand_are_never_polled(make: Factory) -> None:
    follow(sent_delivery(make, kind="snackvideo"))
    assert queries.due_polls(clock.now() + timedelta(days=99)) == {}


def test_due_posts_come_grouped_by_account(make: Factory) -> None:
    kim = make.kim()
    account = make.account(kim)
    ours = {sent_delivery(make, kim, account=account).id for _ in range(3)}
    other = sent_delivery(make)
    later = sent_delivery(make, sent_at=clock.now() + timedelta(hours=1))
    for delivery_id in (*ours, other.id, later.id):
        follow(db.session.get(Delivery, delivery_id))
    due = queries.due_polls(clock.now())
    assert {key: set(value) for key, value in due.items()} == {account.id: ours, other.account_id: {other.id}}


def test_rows_of_a_cut_off_account_wait_and_come_back_with_it(make: Factory) -> None:
    delivery = sent_delivery(make)
    follow(delivery)
    with transaction():
        delivery = queries.sent_delivery(delivery.id)
        delivery.account.state = AccountState.EXPIRED
    assert queries.due_polls(clock.now()) == {}
    with transaction():
        delivery = queries.sent_delivery(delivery.id)
        delivery.account.state = AccountState.CONNECTED
    assert list(queries.due_polls(clock.now())) == [delivery.account_id]


def test_rows_of_an_account_that_members_keep_by_now_are_not_asked(make: Factory) -> None:
    """It was closed and added again by hand. Asked without a key, it would count as cut off."""
    delivery = sent_delivery(make)
    follow(delivery)
    with transaction():
        queries.sent_delivery(delivery.id).account.by_hand = True
    assert queries.due_polls(clock.now()) == {}
    assert not queries.has_due(delivery.account_id, clock.now())
    metrics.step(delivery.account_id, desk())
    assert queries.sent_delivery(delivery.id).account.state == AccountState.CONNECTED
    assert row_of(delivery).polls == 0


def claim(account_id: str) -> list[polling.Claimed]:
    with transaction():
        return polling.claim(account_id, clock.now(), queries.BATCH)


def test_a_claimed_row_is_claimed_once_and_comes_back_when_the_worker_dies(make: Factory) -> None:
    delivery = sent_delivery(make)
    follow(delivery)
    assert [one.delivery_id for one in claim(delivery.account_id)] == [delivery.id]
    assert claim(delivery.account_id) == []
    assert queries.due_polls(clock.now()) == {}
    assert queries.due_polls(clock.now() + plan.LEASE) == {delivery.account_id: [delivery.id]}


def test_no_more_is_taken_than_asked_for_whatever_the_plan_of_the_database(make: Factory) -> None:
    """PostgreSQL asks a subquery with a limit again for each row where it thinks that is cheap."""
    kim = make.kim()
    account = make.account(kim)
    for _ in range(9):
        follow(sent_delivery(make, kim, account=account))
    with transaction():
        if not is_sqlite():
            for way in ("hashjoin", "mergejoin", "hashagg", "sort", "material", "memoize"):
                db.session.execute(text(f"SET LOCAL enable_{way} = off"))
        assert len(polling.claim(account.id, clock.now(), 3)) == 3


def test_two_workers_never_take_the_same_row(make: Factory, app: Flask) -> None:
    kim = make.kim()
    account = make.account(kim)
    for _ in range(12):
        follow(sent_delivery(make, kim, account=account))
    account_id = account.id
    db.session.rollback()
    start, taken = threading.Barrier(4), []

    def worker() -> None:
        with app.app_context():
            start.wait(10)
            taken.extend(one.delivery_id for one in claim(account_id))
            db.session.remove()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(taken) == 12
    assert len(set(taken)) == 12


def test_a_poll_keeps_figures_and_plans_the_next(make: Factory) -> None:
    delivery = sent_delivery(make)
    follow(delivery)
    claimed = claim(delivery.account_id)
    with transaction():
        polling.settle(claimed, {delivery.external_id: Stats(reach=42)}, clock.now())
    row = row_of(delivery)
    assert (row.reach, row.source, row.polls, row.failures) == (42, "api", 1, 0)
    assert row.poll_at == delivery.sent_at + timedelta(hours=3)


def test_a_post_the_platform_left_out_is_asked_again_later(make: Factory) -> None:
    delivery = sent_delivery(make)
    follow(delivery)
    before = clock.now()
    for failures in (1, 2):
        claimed = claim(delivery.account_id)
        with transaction():
            polling.settle(claimed, {}, before)
        row = row_of(delivery)
        assert (row.reach, row.failures) == (None, failures)
        assert row.poll_at is not None
        assert row.poll_at > before
        with transaction():
            row_of(delivery).poll_at = before


def test_a_post_that_a_round_did_not_reach_is_due_as_it_was(make: Factory) -> None:
    """A round that reached nothing is put off as a whole, so that nobody asks in circles."""
    told, missed = sent_delivery(make), sent_delivery(make)
    with transaction():
        missed.account_id = told.account_id
    for one in (told, missed):
        follow(one)
    for figures, failures in ((PartOf({str(told.external_id): Stats(likes=1)}), 0), (PartOf(), 1)):
        claimed, now = claim(told.account_id), clock.now()
        assert str(missed.external_id) in {one.external_id for one in claimed}
        with transaction():
            polling.settle(claimed, figures, now)
        row = row_of(missed)
        assert row.failures == failures
        assert row.poll_at is not None
        assert (row.poll_at <= now) == (failures == 0)


def test_a_post_that_stays_away_is_asked_ever_more_seldom_and_not_given_up(make: Factory) -> None:
    """One that was deleted there. A platform that is disturbed is asked twice a day."""
    delivery = sent_delivery(make)
    follow(delivery)
    waits = []
    for absent in (True, False):
        with transaction():
            row_of(delivery).poll_at, row_of(delivery).failures = clock.now(), 12
        claimed, now = claim(delivery.account_id), clock.now()
        with transaction():
            polling.settle(claimed, {}, now) if absent else polling.put_off(claimed, now)
        poll_at = row_of(delivery).poll_at
        assert poll_at is not None
        waits.append(poll_at - now)
    assert timedelta(days=4) < waits[0] < timedelta(days=9)
    assert waits[1] < timedelta(hours=16)


def test_a_poll_asked_for_while_one_runs_is_not_lost(make: Factory) -> None:
    delivery = sent_delivery(make)
    follow(delivery)
    claimed = claim(delivery.account_id)
    wanted = clock.now()
    with transaction():
        row_of(delivery).poll_at = wanted
    with transaction():
        polling.settle(claimed, {delivery.external_id: Stats(reach=42)}, clock.now())
    assert row_of(delivery).poll_at == wanted


def test_asking_now_works_once_a_minute(make: Factory) -> None:
    delivery = sent_delivery(make)
    follow(delivery)
    reviewer = make.user("peninjau")
    with transaction():
        row_of(delivery).poll_at = clock.now() + timedelta(days=1)
    for _ in range(2):  # pressing twice before a worker came is one request
        with transaction():
            assert services.ask_now(reviewer, queries.sent_delivery(delivery.id)) == delivery.account_id
    assert list(queries.due_polls(clock.now())) == [delivery.account_id]
    claim(delivery.account_id)
    with pytest.raises(DomainError), transaction():
        services.ask_now(reviewer, queries.sent_delivery(delivery.id))
