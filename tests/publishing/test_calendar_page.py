"""The calendar: days are days in WIB, filters leave out what they say."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from contentdesk.access.permissions import Role
from contentdesk.kim.models import Kim
from contentdesk.posts.states import PostState
from contentdesk.publishing import calendar
from contentdesk.publishing.states import DeliveryState
from contentdesk.users.models import User
from tests.factories import Factory

LAST_EVENING = datetime(2027, 1, 31, 16, 30, tzinfo=UTC)
"""23.30 WIB on 31 January."""
FIRST_MINUTE = datetime(2027, 1, 31, 17, 0, tzinfo=UTC)
"""00.00 WIB on 1 February, still January in UTC."""


@pytest.fixture
def settings() -> dict[str, Any]:
    return {}


@pytest.fixture
def kim(make: Factory) -> Kim:
    return make.kim("KIM Purwantoro")


def agenda(browser: FlaskClient, query: str) -> str:
    return unescape(browser.get(f"/kalender?{query}").text).split('<ol class="agenda">')[-1]


def planned(make: Factory, author: User, kim: Kim, title: str, at: datetime, kind: str = "instagram") -> None:
    post = make.post(author, state=PostState.SCHEDULED, title=title)
    make.delivery(post, make.account(kim, kind=kind), due_at=at)


def test_the_last_evening_of_a_month_in_wib_belongs_to_that_month(
    make: Factory, kim: Kim, member: User, browser: FlaskClient
) -> None:
    planned(make, member, kim, "Malam terakhir", LAST_EVENING)
    planned(make, member, kim, "Tengah malam", FIRST_MINUTE)
    january, february = agenda(browser, "hari=2027-01-01"), agenda(browser, "hari=2027-02-01")
    assert "Malam terakhir" in january
    assert "23.30 WIB" in january
    assert "Malam terakhir" not in february
    assert "Tengah malam" in february
    assert "Tengah malam" not in january


def test_the_month_lists_all_its_days_with_posts_whatever_day_is_chosen(
    make: Factory, kim: Kim, member: User, browser: FlaskClient
) -> None:
    planned(make, member, kim, "Awal bulan", LAST_EVENING - timedelta(days=29))
    planned(make, member, kim, "Malam terakhir", LAST_EVENING)
    page = unescape(browser.get("/kalender?hari=2027-01-20").text)
    assert "Awal bulan" in page.split('<ol class="agenda">')[-1]
    assert "Malam terakhir" in page.split('<ol class="agenda">')[-1]
    strip = page.split('<nav class="week"')[-1].split("</nav>")[0]
    assert "hari=2027-01-20#hari-2027-01-20" in strip
    assert 'id="hari-2027-01-20"' in page


def test_the_cell_of_the_day_holds_what_goes_out_on_it_in_wib(
    make: Factory, kim: Kim, member: User, browser: FlaskClient
) -> None:
    planned(make, member, kim, "Malam terakhir", LAST_EVENING)
    cells = unescape(browser.get("/kalender?hari=2027-01-01").text).split("<td")
    [cell] = [one for one in cells if "Minggu, 31 Januari 2027" in one]
    assert "Malam terakhir" in cell


def test_a_month_shows_whole_weeks_and_nothing_twice() -> None:
    shown = [day.date for week in calendar.weeks(2027, 2, []) for day in week]
    assert (shown[0], shown[-1]) == (date(2027, 2, 1), date(2027, 2, 28))
    assert len(shown) == len(set(shown)) == 28


def test_more_than_three_on_a_day_become_a_count(make: Factory, kim: Kim, member: User, browser: FlaskClient) -> None:
    for number in range(5):
        planned(make, member, kim, f"Ke-{number}", LAST_EVENING)
    assert "+2 lagi" in browser.get("/kalender?hari=2027-01-01").text


def test_a_wish_is_shown_until_it_is_planned(make: Factory, kim: Kim, member: User, browser: FlaskClient) -> None:
    make.post(member, state=PostState.IN_REVIEW, title="Usulan", proposed_at=LAST_EVENING)
    both = make.post(member, state=PostState.SCHEDULED, title="Terjadwal", proposed_at=LAST_EVENING)
    make.delivery(both, make.account(kim), due_at=LAST_EVENING)
    text = agenda(browser, "hari=2027-01-01")
    assert text.count("Usulan") == 1
    assert "Menunggu tinjauan" in text
    assert text.count('"row-title">Terjadwal') == 1


def test_an_edited_post_does_not_look_planned(make: Factory, kim: Kim, member: User, browser: FlaskClient) -> None:
    post = make.post(member, state=PostState.DRAFT, title="Diubah", proposed_at=LAST_EVENING)
    make.delivery(post, make.account(kim), due_at=LAST_EVENING)
    text = agenda(browser, "hari=2027-01-01").split("</ol>")[0]
    assert text.count('"row-title">Diubah') == 1
    assert "Draf" in text
    assert "Dijadwalkan" not in text


def test_cancelled_plans_leave_the_calendar(make: Factory, kim: Kim, member: User, browser: FlaskClient) -> None:
    post = make.post(member, state=PostState.APPROVED, title="Dibatalkan")
    make.delivery(post, make.account(kim), due_at=LAST_EVENING, state=DeliveryState.CANCELLED)
    assert '"row-title">Dibatalkan' not in agenda(browser, "hari=2027-01-01")


def test_members_see_their_own_kim_whatever_the_address_says(
    make: Factory, kim: Kim, member: User, browser: FlaskClient
) -> None:
    other = make.kim("KIM Bareng")
    planned(make, make.user(kim=other), other, "Punya mereka", LAST_EVENING)
    planned(make, member, kim, "Punya kami", LAST_EVENING)
    text = agenda(browser, f"hari=2027-01-01&kim={other.id}")
    assert "Punya mereka" not in text
    assert "Punya kami" in text


def test_reviewers_filter_by_kecamatan_kim_and_channel(make: Factory, kim: Kim, member: User) -> None:
    far = make.kim("KIM Dinoyo", make.kelurahan("35.73.05.1008", "Dinoyo"))
    planned(make, member, kim, "Dekat", LAST_EVENING)
    planned(make, make.user(kim=far), far, "Jauh", LAST_EVENING, kind="snackvideo")
    browser = make.signed_in(make.user(Role.REVIEWER))
    assert {"Dekat", "Jauh"} <= {title for title in ("Dekat", "Jauh") if title in agenda(browser, "hari=2027-01-01")}
    for query, title, hidden in (
        ("kecamatan=35.73.05", "Jauh", "Dekat"),
        (f"kim={kim.id}", "Dekat", "Jauh"),
        ("kanal=snackvideo", "Jauh", "Dekat"),
    ):
        text = agenda(browser, f"hari=2027-01-01&{query}")
        assert title in text
        assert hidden not in text


def test_a_channel_filter_also_holds_for_wishes(make: Factory, kim: Kim, member: User, browser: FlaskClient) -> None:
    targets = (make.account(kim, kind="snackvideo"),)
    make.post(member, state=PostState.IN_REVIEW, title="Lewat SnackVideo", proposed_at=LAST_EVENING, accounts=targets)
    assert "Lewat SnackVideo" in agenda(browser, "hari=2027-01-01&kanal=snackvideo")
    assert "Lewat SnackVideo" not in agenda(browser, "hari=2027-01-01&kanal=instagram")


def test_holidays_are_named(browser: FlaskClient) -> None:
    page = unescape(browser.get("/kalender?hari=2026-12-01").text)
    in_the_month, in_the_list = (re.findall(f">([^<]*Kelahiran Yesus Kristus)</{tag}>", page) for tag in ("small", "p"))
    assert in_the_month == in_the_list == ["Cuti bersama Kelahiran Yesus Kristus", "Kelahiran Yesus Kristus"]


def test_a_post_in_the_month_has_its_time(make: Factory, member: User, browser: FlaskClient) -> None:
    make.post(member, state=PostState.IN_REVIEW, title="Tempe", proposed_at=LAST_EVENING)
    assert "<b>23.30</b> Tempe" in browser.get(f"/kalender?hari={LAST_EVENING:%Y-%m-%d}").text


@pytest.mark.parametrize("query", ["hari=kapan", "hari=0001-01-01", "hari=9999-12-31", "tampil=x", "kanal=x", ""])
@pytest.mark.parametrize("view", ["bulan", "pekan", "daftar"])
def test_an_odd_address_still_opens(browser: FlaskClient, query: str, view: str) -> None:
    assert browser.get(f"/kalender?tampil={view}&{query}").status_code == 200


def test_a_judge_has_no_calendar(make: Factory) -> None:
    assert make.signed_in(make.user(Role.JUDGE)).get("/kalender").status_code == 403
