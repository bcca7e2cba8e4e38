"""Figures: unknown covers nothing, old covers nothing newer, a person's figures are checked."""

from datetime import UTC, datetime, timedelta

import pytest

from contentdesk.channels.base import Stats
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import DomainError, NotFound
from contentdesk.metrics import queries, services
from contentdesk.metrics.models import LatestFigures, Sample
from contentdesk.publishing.models import Delivery
from tests.factories import Factory
from tests.metrics.made import sent_delivery

NOON = datetime(2026, 11, 10, 5, tzinfo=UTC)


def record(delivery: Delivery, stats: Stats, minutes: int = 0, source: str = "api") -> LatestFigures:
    with transaction():
        services.record_sample(delivery.id, stats, source, NOON + timedelta(minutes=minutes))
    return newest(delivery)


def newest(delivery: Delivery) -> LatestFigures:
    found = queries.latest(delivery.id)
    assert found is not None
    return found


def test_a_figure_the_platform_stops_telling_keeps_its_last_known_value(make: Factory) -> None:
    delivery = sent_delivery(make)
    record(delivery, Stats(reach=120, views=150))
    row = record(delivery, Stats(views=200), minutes=5)
    assert (row.reach, row.views) == (120, 200)


def test_zero_is_a_figure_and_replaces_a_known_value(make: Factory) -> None:
    delivery = sent_delivery(make)
    record(delivery, Stats(likes=3))
    assert record(delivery, Stats(likes=0), minutes=5).likes == 0


def test_what_was_never_told_stays_unknown(make: Factory) -> None:
    row = record(sent_delivery(make), Stats(views=10))
    assert (row.reach, row.saves) == (None, None)


def test_an_older_sample_never_covers_a_newer_one(make: Factory) -> None:
    delivery = sent_delivery(make)
    record(delivery, Stats(reach=300), minutes=60)
    row = record(delivery, Stats(reach=100, saves=4), minutes=5)
    assert (row.reach, row.saves) == (300, 4)
    assert row.taken_at == NOON + timedelta(minutes=60)


def test_a_late_sample_counts_where_the_newest_ones_say_nothing(make: Factory) -> None:
    delivery = sent_delivery(make)
    record(delivery, Stats(reach=100), minutes=0)
    record(delivery, Stats(views=500), minutes=60)
    assert record(delivery, Stats(reach=140), minutes=30).reach == 140


def test_a_figure_that_cannot_be_is_not_known_and_takes_no_other_along(make: Factory) -> None:
    """One that no column holds would otherwise lose all that the same call brought."""
    delivery = sent_delivery(make)
    with transaction():
        services.record_sample(delivery.id, Stats(reach=10**30, views=-1, likes=5), services.Source.API, clock.now())
    row = queries.latest(delivery.id)
    assert row is not None
    assert (row.reach, row.views, row.likes) == (None, None, 5)


def test_samples_are_only_added_and_nothing_known_adds_none(make: Factory) -> None:
    delivery = sent_delivery(make)
    record(delivery, Stats(reach=1))
    record(delivery, Stats(reach=2), minutes=1)
    with transaction():
        assert services.record_sample(delivery.id, Stats(), "api", NOON) is None
    assert db.session.scalar(db.select(db.func.count()).select_from(Sample)) == 2


def enter(make: Factory, delivery: Delivery, stats: Stats, seen_at: datetime | None = None) -> Sample:
    member = make.user(kim=db.session.get(Kim, delivery.post.kim_id))
    with transaction():
        delivery = queries.sent_delivery(delivery.id)
        return services.enter_by_hand(member, delivery, stats, seen_at or clock.now())


def by_hand(make: Factory) -> Delivery:
    return queries.sent_delivery(sent_delivery(make, kind="snackvideo").id)


def test_a_member_enters_figures_and_it_says_who_and_when(make: Factory) -> None:
    delivery = by_hand(make)
    sample = enter(make, delivery, Stats(views=1234, likes=0))
    assert (sample.source, sample.views, sample.likes, sample.reach) == ("manual", 1234, 0, None)
    assert sample.entered_by is not None
    assert newest(delivery).views == 1234


def test_a_correction_is_a_new_sample(make: Factory) -> None:
    delivery = by_hand(make)
    at = clock.now()
    enter(make, delivery, Stats(views=1234), at)
    enter(make, delivery, Stats(views=123), at)
    assert newest(delivery).views == 123
    assert len(queries.samples_by_hand(delivery.id)) == 2


def test_reach_above_views_is_refused(make: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = by_hand(make)
    channel = services.registry.get("snackvideo")
    monkeypatch.setattr(type(channel), "figures", frozenset({"reach", "views"}))
    with pytest.raises(services.WrongFigures) as caught:
        enter(make, delivery, Stats(reach=11, views=10))
    assert caught.value.field == "reach"
    assert enter(make, delivery, Stats(reach=10, views=10)).reach == 10
    assert enter(make, delivery, Stats(reach=99)).reach == 99


def test_figures_that_the_app_does_not_show_are_refused(make: Factory) -> None:
    with pytest.raises(services.WrongFigures):
        enter(make, by_hand(make), Stats(reach=11))


@pytest.mark.parametrize("shift", [timedelta(hours=1), timedelta(days=-30)])
def test_figures_seen_in_the_future_or_before_the_post_are_refused(make: Factory, shift: timedelta) -> None:
    with pytest.raises(services.WrongFigures) as caught:
        enter(make, by_hand(make), Stats(views=1), clock.now() + shift)
    assert caught.value.field == "seen_at"


def test_an_empty_form_is_refused(make: Factory) -> None:
    with pytest.raises(DomainError):
        enter(make, by_hand(make), Stats())


def test_figures_of_an_automatic_channel_are_not_entered_by_hand(make: Factory) -> None:
    with pytest.raises(DomainError):
        enter(make, queries.sent_delivery(sent_delivery(make).id), Stats(views=1))


def test_a_member_of_another_kim_enters_nothing(make: Factory) -> None:
    delivery = by_hand(make)
    stranger = make.user(kim=make.kim())
    with pytest.raises(NotFound), transaction():
        services.enter_by_hand(stranger, queries.sent_delivery(delivery.id), Stats(views=1), clock.now())
    assert queries.samples_by_hand(delivery.id) == []
