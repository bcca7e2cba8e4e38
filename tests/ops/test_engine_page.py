"""The operator's page of the publishing engine."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import redis
from flask.testing import FlaskClient
from sqlalchemy import update

from contentdesk.access.permissions import Role
from contentdesk.channels.models import Account, AccountState
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.posts.models import Post
from contentdesk.posts.states import PostState
from contentdesk.publishing import health, performance
from contentdesk.publishing.claims import NO_CONSENT
from contentdesk.publishing.states import DeliveryState as D
from tests.counting import statements
from tests.factories import Factory
from tests.ops.conftest import Planned, give_sign

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def admin(make: Factory) -> FlaskClient:
    return make.signed_in(make.user(Role.ADMIN))


def page(admin: FlaskClient) -> str:
    answer = admin.get("/mesin")
    assert answer.status_code == 200
    return " ".join(unescape(answer.text).split())


def part(shown: str, heading: str) -> str:
    """The card under this heading."""
    return shown.partition(f"<h2>{heading}</h2>")[2].partition("</section>")[0]


def test_when_all_is_well_it_says_so(admin: FlaskClient, published: Planned) -> None:
    give_sign("beat", "publisher")
    published(HOUR, 0.2)
    shown = page(admin)
    assert "Semua baik" in shown
    assert "Tidak ada yang dijadwalkan dalam satu jam ke depan." in shown
    assert "Terlambat 1" not in shown


def test_an_empty_city_has_a_page_too(admin: FlaskClient) -> None:
    give_sign("beat", "publisher")
    assert "Semua baik" in page(admin)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.CHAIR, Role.REVIEWER, Role.JUDGE])
def test_nobody_but_an_admin_sees_it_or_its_link(make: Factory, role: Role) -> None:
    person = make.signed_in(make.user(role))
    assert person.get("/mesin").status_code == 403
    assert "/mesin" not in person.get("/lainnya").text


def test_an_admin_finds_it_in_the_menu(admin: FlaskClient) -> None:
    assert 'href="/mesin"' in admin.get("/lainnya").text


def test_what_is_due_within_an_hour_stands_there_and_what_is_later_not(admin: FlaskClient, planned: Planned) -> None:
    planned(-10 * MINUTE, title="Sebentar lagi")
    planned(-2 * HOUR, title="Nanti sore")
    planned(-10 * MINUTE, D.CANCELLED, title="Batal")
    shown = part(page(admin), "Terbit dalam satu jam")
    assert "Sebentar lagi" in shown
    assert "Nanti sore" not in shown
    assert "Batal" not in shown


def test_what_is_late_stands_there_with_how_long_and_why(admin: FlaskClient, planned: Planned) -> None:
    planned(3 * MINUTE, title="Tertahan mesin")
    planned(5 * MINUTE, tries=2, title="Platform sibuk sekali")
    planned(7 * MINUTE, D.HANDED_OVER, title="Giliran anggota")
    planned(9 * MINUTE, problem=NO_CONSENT, title="Tanpa izin usaha")
    planned(30 * timedelta(seconds=1), title="Baru saja")
    published_late = planned(9 * MINUTE, D.SENT, sent_at=clock.now(), title="Sudah terbit")
    shown = part(page(admin), "Terlambat sekarang")
    assert "Terlambat 3 menit." in shown
    for word in ("Tertahan mesin", "Platform sibuk sekali", "Giliran anggota", "Tanpa izin usaha"):
        assert word in shown
    for word in ("Antrean mesin: 1", "dicoba lagi: 1", "Menunggu anggota mengunggah: 1", "belum ada: 1"):
        assert word in shown
    assert "Baru saja" not in shown
    assert published_late.id not in shown


def test_the_reason_is_the_account_or_the_approval_where_that_is_it(
    make: Factory, kim: Kim, planned: Planned, app: Any
) -> None:
    stopped = make.account(kim, state=AccountState.EXPIRED)
    planned(5 * MINUTE, on=stopped)
    edited = planned(5 * MINUTE)
    with transaction():
        db.session.execute(update(Post).where(Post.id == edited.post_id).values(newest_number=2))
    back = planned(5 * MINUTE)
    with transaction():
        db.session.execute(update(Post).where(Post.id == back.post_id).values(state=PostState.CHANGES_ASKED))
    found = health.late_by_reason(clock.now())
    assert {word: each.count for word, each in found.items()} == {health.NO_ACCOUNT: 1, health.NOT_APPROVED: 2}


def test_what_is_not_known_leads_to_its_two_buttons(admin: FlaskClient, planned: Planned) -> None:
    unclear = planned(2 * HOUR, D.UNKNOWN, intent_at=clock.now() - 2 * HOUR)
    shown = part(page(admin), "Belum pasti terbit")
    assert f'href="/terbitan/{unclear.id}"' in shown
    assert "Sudah 2 jam." in shown
    assert "Belum ada, terbitkan" in admin.get(f"/terbitan/{unclear.id}").text


def test_accounts_that_stopped_stand_there(admin: FlaskClient, make: Factory, kim: Kim, account: Account) -> None:
    stopped = make.account(kim, state=AccountState.EXPIRED, stopped_at=clock.now() - HOUR, handle="kim_terputus")
    shown = part(page(admin), "Akun terputus")
    assert "kim_terputus" in shown
    assert f"/akun/{stopped.id}" in shown
    assert account.handle not in shown


def test_each_platform_has_its_figures_of_a_day_and_of_a_week(
    make: Factory, kim: Kim, published: Planned, ended: Planned, planned: Planned, app: Any
) -> None:
    other = make.account(kim, "facebook")
    for late in (0.1, 0.2, 0.3, 120.0):
        published(HOUR, late)
    published(3 * DAY, 5.0)
    published(9 * DAY, 5.0)
    ended(2 * HOUR, "failed")
    ended(2 * DAY, "expired")
    ended(2 * HOUR, "failed", other)
    planned(HOUR, D.UNKNOWN, intent_at=clock.now() - HOUR)
    found = performance.of_platforms(clock.now())
    day, week = found["instagram"][performance.DAY], found["instagram"][performance.WEEK]
    assert (day.published, day.failed, day.expired, day.unknown) == (4, 1, 0, 1)
    assert (week.published, week.failed, week.expired, week.unknown) == (5, 1, 1, 1)
    assert [day.lateness(share) for share in (0.5, 0.95, 0.99)] == [0.2, 120.0, 120.0]
    assert day.troubled == pytest.approx(2 / 6)
    assert found["facebook"][performance.DAY].failed == 1
    assert found["facebook"][performance.DAY].lateness(0.5) is None


def test_by_hand_counts_as_out_and_says_nothing_of_the_engines_lateness(planned: Planned, app: Any) -> None:
    planned(HOUR, D.SENT, sent_at=clock.now())
    day = performance.of_platforms(clock.now())["instagram"][performance.DAY]
    assert (day.published, day.lateness(0.5)) == (1, None)


def test_a_beat_or_worker_that_is_silent_is_told(admin: FlaskClient) -> None:
    give_sign("beat")
    give_sign("publisher", at=clock.now() - 10 * MINUTE)
    shown = page(admin)
    assert "Mesin tidak memberi tanda hidup" in shown
    assert "Semua baik" not in shown
    assert "1 hidup" in part(shown, "Proses dan antrean")
    assert "Tidak ada tanda hidup" in part(shown, "Proses dan antrean")


def test_without_a_queue_the_page_still_opens(admin: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = redis.Redis.from_url("redis://127.0.0.1:1")
    monkeypatch.setattr(desk().bell, "connection", nobody)
    shown = page(admin)
    assert "Antrean tidak menjawab" in shown
    assert "Semua baik" not in shown


def test_the_length_of_the_queue_stands_there(admin: FlaskClient) -> None:
    desk().bell.ring("publish", "workers.publish.run", "x")
    assert "Antrean: Penerbitan</dt><dd>1</dd>" in page(admin)


def test_it_asks_the_same_number_of_questions_however_much_there_is(
    admin: FlaskClient, make: Factory, kim: Kim, planned: Planned, published: Planned, ended: Planned
) -> None:
    give_sign("beat", "publisher")
    few = len(statements(lambda: page(admin)))
    for number in range(6):
        on = make.account(kim, "facebook", state=AccountState.EXPIRED if number % 2 else AccountState.CONNECTED)
        planned(number * MINUTE, on=on)
        planned(-MINUTE, on=on)
        planned(HOUR, D.UNKNOWN, intent_at=clock.now() - HOUR, on=on)
        published(HOUR, float(number), on)
        ended(HOUR, "failed", on)
    assert len(statements(lambda: page(admin))) == few


def test_it_renews_itself_without_code_in_the_page(admin: FlaskClient) -> None:
    text = admin.get("/mesin").text
    assert 'hx-trigger="every 30s"' in text
    assert 'id="perbarui"' in text
