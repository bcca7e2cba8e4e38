"""The sums of the report: unknown is never zero, nothing is counted that should not be."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from contentdesk.access.permissions import Role
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import NotPermitted
from contentdesk.publishing.states import DeliveryState
from contentdesk.reports.kinds.reach import KecamatanTotal, Place, ReachReport, Standing, build
from contentdesk.reports.kinds.reach_tables import ORDERS, notes, ordered, ranks
from contentdesk.reports.periods import Period, month_of
from contentdesk.reports.queries import Scope
from tests.factories import Factory
from tests.reports.city import MALANG, City

NOVEMBER = month_of(date(2026, 11, 1))


@pytest.fixture
def city(make: Factory) -> City:
    return City(make)


def report(city: City, period: Period = NOVEMBER, **scope: str) -> ReachReport:
    return build(city.make.user(Role.REVIEWER), Scope(MALANG, **scope), period)


def place(found: ReachReport, name: str) -> Place:
    return next(place for place in found.places if place.name == name)


def test_the_three_kinds_of_nothing_are_told_apart(city: City) -> None:
    city.kim("Kauman")
    city.sent(city.kim("Bandulan"))
    city.sent(city.kim("Klojen"), reach=0)
    found = report(city)
    standings = {name: place(found, name).standing for name in ("Klojen", "Bandulan", "Kauman", "Samaan")}
    assert standings == {
        "Klojen": Standing.KNOWN,
        "Bandulan": Standing.UNKNOWN,
        "Kauman": Standing.SILENT,
        "Samaan": Standing.NO_KIM,
    }
    assert place(found, "Klojen").sums.reach == 0
    assert found.count(Standing.NO_KIM) == 54


def test_unknown_reach_is_left_out_of_sums_and_counted_beside_them(city: City) -> None:
    kim = city.kim("Klojen")
    city.sent(kim, reach=100, views=150, likes=10, saves=1)
    city.sent(kim, views=50, comments=2)
    city.sent(kim)
    sums = place(report(city), "Klojen").sums
    assert (sums.posts, sums.known) == (3, 1)
    assert (sums.reach, sums.views, sums.interactions) == (100, 200, 13)


def test_figures_of_which_nothing_is_known_stay_unknown_not_zero(city: City) -> None:
    city.sent(city.kim("Klojen"), views=50)
    sums = place(report(city), "Klojen").sums
    assert (sums.reach, sums.interactions, sums.views) == (None, None, 50)
    found = report(city)
    assert (found.total.reach, found.trend, found.kecamatan[0].per_1000) == (None, None, None)


def test_a_post_on_two_channels_is_one_post(city: City) -> None:
    city.sent(city.kim("Klojen"), kinds=("instagram", "snackvideo"), reach=70)
    sums = place(report(city), "Klojen").sums
    assert (sums.posts, sums.known, sums.deliveries, sums.deliveries_known, sums.reach) == (1, 1, 2, 1, 70)


@pytest.mark.parametrize("state", [state for state in DeliveryState if state != DeliveryState.SENT])
def test_only_what_is_out_counts(city: City, state: str) -> None:
    kim = city.kim("Klojen")
    city.sent(kim, state=state, reach=999)
    city.sent(kim, reach=1)
    assert place(report(city), "Klojen").sums.reach == 1


def test_days_are_those_of_wib(city: City) -> None:
    kim = city.kim("Klojen")
    city.sent(kim, sent_at=datetime(2026, 10, 31, 17, 0, tzinfo=UTC), reach=1)  # 1 November, 00.00 WIB
    city.sent(kim, sent_at=datetime(2026, 10, 31, 16, 59, tzinfo=UTC), reach=10)  # 31 October, 23.59 WIB
    city.sent(kim, sent_at=datetime(2026, 11, 30, 16, 59, tzinfo=UTC), reach=100)  # 30 November, 23.59 WIB
    city.sent(kim, sent_at=datetime(2026, 11, 30, 17, 0, tzinfo=UTC), reach=1000)  # 1 December, 00.00 WIB
    assert place(report(city), "Klojen").sums.reach == 101


def test_totals_add_up(city: City) -> None:
    for number, name in enumerate(("Klojen", "Kauman", "Samaan", "Dinoyo", "Purwantoro", "Bandulan"), 1):
        kim = city.kim(name)
        city.sent(kim, reach=number * 100, views=number * 200, likes=number)
        city.sent(kim)
    found = report(city)
    for value in ("posts", "known", "deliveries", "reach", "views", "interactions"):
        whole = getattr(found.total, value)
        assert whole == sum(getattr(place.sums, value) or 0 for place in found.places)
        assert whole == sum(getattr(one.sums, value) or 0 for one in found.kecamatan)
    assert found.total.reach == 2100
    assert len(found.kecamatan) == 5


def test_two_kim_of_one_kelurahan_are_summed(city: City) -> None:
    city.sent(city.kim("Klojen"), reach=1)
    city.sent(city.kim("Klojen"), reach=2)
    assert place(report(city), "Klojen").sums.reach == 3


def test_filters_leave_out_other_channels_and_other_kecamatan(city: City) -> None:
    klojen, blimbing = city.kim("Klojen"), city.kim("Purwantoro")
    city.sent(klojen, reach=1)
    city.sent(klojen, kinds=("snackvideo",), reach=10)
    city.sent(blimbing, reach=100)
    assert report(city).total.reach == 111
    assert report(city, channel="snackvideo").total.reach == 10
    found = report(city, kecamatan=city.kelurahan("Klojen").kecamatan_code)
    assert (found.total.reach, len(found.places), found.area) == (11, 11, "Klojen")


def test_the_trend_compares_with_the_span_of_same_length_before(city: City) -> None:
    kim = city.kim("Klojen")
    period = Period(date(2026, 6, 11), date(2026, 6, 20))
    city.sent(kim, sent_at=datetime(2026, 6, 15, 5, tzinfo=UTC), reach=150)
    city.sent(kim, sent_at=datetime(2026, 6, 5, 5, tzinfo=UTC), reach=100)
    city.sent(kim, sent_at=datetime(2026, 5, 30, 5, tzinfo=UTC), reach=7000)
    found = report(city, period)
    assert found.compared == Period(date(2026, 6, 1), date(2026, 6, 10))
    assert (place(found, "Klojen").trend, found.trend) == (50, 50)


def test_nothing_before_or_nothing_known_before_gives_no_trend(city: City) -> None:
    kim = city.kim("Klojen")
    city.sent(kim, reach=150)
    city.sent(kim, sent_at=datetime(2026, 10, 15, 5, tzinfo=UTC))
    assert place(report(city), "Klojen").trend is None


def test_a_running_month_is_compared_with_as_many_days(monkeypatch: pytest.MonkeyPatch, city: City) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2026, 11, 8))
    assert report(city).compared == Period(date(2026, 10, 24), date(2026, 10, 31))


@pytest.mark.parametrize(("today", "trend", "said"), [(6, None, "baru berjalan 6 hari"), (7, 200, "dibandingkan")])
def test_a_month_of_few_days_is_compared_with_nothing(
    monkeypatch: pytest.MonkeyPatch, city: City, today: int, trend: int | None, said: str
) -> None:
    kim = city.kim("Klojen")
    city.sent(kim, sent_at=datetime(2026, 10, 31, 5, tzinfo=UTC), reach=100)
    city.sent(kim, sent_at=datetime(2026, 11, 1, 5, tzinfo=UTC), reach=300)
    monkeypatch.setattr(clock, "today", lambda: date(2026, 11, today))
    found = report(city)
    assert (found.trend, place(found, "Klojen").trend) == (trend, trend)
    assert said in notes(found)[-1].message.replace("%(days)s", str(found.compared.days))


def test_reach_for_1000_residents_only_where_population_is_known(city: City) -> None:
    city.sent(city.kim("Klojen"), reach=9399)
    found = {one.name: one for one in report(city).kecamatan}
    klojen: KecamatanTotal = found["Klojen"]
    assert klojen.population
    assert klojen.per_1000 == round(9399 * 1000 / klojen.population, 1)
    assert klojen.population_year
    assert klojen.population_source
    assert found["Sukun"].per_1000 is None
    people = sum(one.population or 0 for one in found.values())
    assert report(city).per_1000 == round(9399 * 1000 / people, 1)


def test_a_closed_kim_is_none_but_its_posts_stay(city: City) -> None:
    city.kim("Samaan", closed_at=datetime(2026, 11, 3, tzinfo=UTC))
    city.sent(city.kim("Klojen", closed_at=datetime(2026, 11, 20, tzinfo=UTC)), reach=5)
    found = report(city)
    assert place(found, "Samaan").standing == Standing.NO_KIM
    assert place(found, "Klojen").standing == Standing.KNOWN


def test_weeks_are_whole_and_end_with_the_period(city: City) -> None:
    kim = city.kim("Klojen")
    period = month_of(date(2026, 6, 1))
    city.sent(kim, sent_at=datetime(2026, 6, 30, 5, tzinfo=UTC), reach=7)
    city.sent(kim, sent_at=datetime(2026, 6, 20, 5, tzinfo=UTC))
    city.sent(kim, sent_at=datetime(2026, 4, 10, 5, tzinfo=UTC), reach=70)
    weeks = report(city, period).weeks
    assert len(weeks) == 13
    assert {week.period.days for week in weeks} == {7}
    assert weeks[-1].period.last == period.last
    assert [week.sums.reach for week in weeks].count(None) == 11
    assert (weeks[-1].sums.reach, weeks[-2].sums.posts, weeks[-2].sums.reach) == (7, 1, None)


@contextmanager
def counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_five_and_five_hundred_deliveries_need_the_same_number_of_queries(city: City) -> None:
    kims = [city.kim(name) for name in ("Klojen", "Kauman", "Samaan", "Dinoyo", "Purwantoro")]
    for kim in kims:
        city.sent(kim, reach=5)
    reader = city.make.user(Role.REVIEWER)
    with counted() as few:
        build(reader, Scope(MALANG), NOVEMBER)
    for _ in range(99):
        for kim in kims:
            city.again(kim)
    db.session.expire_all()
    with counted() as many:
        found = build(reader, Scope(MALANG), NOVEMBER)
    assert found.total.deliveries >= 500
    assert len([line for line in many if line.startswith("SELECT")]) <= len(few) + 1  # + 1: the reader read again
    assert len(few) < 12


def test_sorting_keeps_the_unknown_at_the_end_both_ways(city: City) -> None:
    for name, value in (("Klojen", 5), ("Kauman", 50), ("Samaan", 0)):
        city.sent(city.kim(name), reach=value, views=value)
    city.sent(city.kim("Bandulan"))
    city.kim("Dinoyo")
    places = report(city).places
    for descending, first in ((True, ["Kauman", "Klojen", "Samaan"]), (False, ["Samaan", "Klojen", "Kauman"])):
        names = [place.name for place in ordered(places, "jangkauan", descending)]
        assert names[:5] == [*first, "Bandulan", "Dinoyo"]
        assert len(names) == 57
    assert ordered(places, "kelurahan", descending=False)[0].name == "Arjosari"
    assert all(len(ordered(places, key, descending=True)) == 57 for key in ORDERS)


def test_equal_reach_has_equal_rank_and_unknown_has_none(city: City) -> None:
    for name, value in (("Klojen", 5), ("Kauman", 50), ("Samaan", 5), ("Dinoyo", 1)):
        city.sent(city.kim(name), reach=value)
    found = report(city)
    by_name = {place.name: ranks(found.places).get(place.code) for place in found.places}
    assert [by_name[name] for name in ("Kauman", "Klojen", "Samaan", "Dinoyo", "Bandulan")] == [1, 2, 2, 4, None]


def test_a_chair_reads_the_whole_city_and_a_member_nothing(city: City) -> None:
    kim = city.kim("Klojen")
    city.sent(city.kim("Kauman"), reach=5)
    assert build(city.make.user(Role.CHAIR, kim), Scope(MALANG), NOVEMBER).total.reach == 5
    with pytest.raises(NotPermitted):
        build(city.make.user(Role.MEMBER, kim), Scope(MALANG), NOVEMBER)


def test_the_newest_known_figure_dates_the_report(city: City) -> None:
    assert report(city).data_at is None
    kim = city.kim("Klojen")
    city.sent(kim, reach=1)
    late = datetime(2026, 11, 20, tzinfo=UTC)
    city.sent(kim, sent_at=late, reach=1)
    city.sent(kim, sent_at=late + timedelta(days=1), views=1)
    assert report(city).data_at == late
