"""The right to read that ends after 90 days though the token lives on: told twice, and shown."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from contentdesk.access.permissions import Role
from contentdesk.channels import access_ends, queries, services
from contentdesk.channels.base import Login
from contentdesk.channels.models import Account
from contentdesk.channels.queries import Filter, Health
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.notices.models import Notice
from contentdesk.users.models import User
from tests.factories import Factory

DAY = timedelta(days=1)


def signed_in(chair: User, reading: timedelta, kind: str = "") -> Account:
    login = Login("1", "KIM Uji", "x", kind=kind, access_ends_at=clock.now() + reading)
    with transaction():
        return services.connect(chair, "facebook", chair.kim_id, login, desk().box)


def told(later: timedelta = timedelta()) -> list[str]:
    before = db.session.query(Notice).count()
    with transaction():
        access_ends.warn(clock.now() + later)
    return [one.message % one.values for one in db.session.scalars(select(Notice).order_by(Notice.id))][before:]


def test_holders_are_told_fourteen_and_three_days_before_and_once_each(make: Factory, chair: User) -> None:
    make.user(Role.ADMIN)
    signed_in(chair, 90 * DAY)
    days = (0, 75, 76.1, 77, 86, 87.1, 88, 89.9, 91)
    assert [len(told(day * DAY)) for day in days] == [0, 0, 1, 0, 0, 1, 0, 0, 0]
    assert {one.user_id for one in db.session.scalars(select(Notice))} == {chair.id}
    signed_in(chair, 180 * DAY)
    assert [len(told(day * DAY)) for day in (90, 167, 168, 178)] == [0, 1, 0, 1]


def test_a_linked_account_says_where_to_sign_in(chair: User) -> None:
    account = signed_in(chair, 2 * DAY, "instagram")
    [sentence] = told()
    assert "lalu masuk di Facebook" in sentence
    assert db.session.scalars(select(Notice.path)).all() == [f"/akun/{account.id}"]


def test_who_signs_in_late_is_told_of_the_nearest_end_only(chair: User) -> None:
    signed_in(chair, 2 * DAY)
    assert [len(told(day * DAY)) for day in (0, 1)] == [1, 0]


@pytest.mark.parametrize(
    ("reading", "tag", "line"),
    [
        (9 * DAY, "Baca data habis 9 hari lagi", "Hak membaca angka dan komentar berakhir"),
        (-DAY, "Baca data habis", "Hak membaca angka dan komentar sudah berakhir. Sambungkan lagi."),
        (30 * DAY, "Sehat", "Tersambung sejak"),
    ],
)
def test_the_list_and_the_page_show_it(
    client: FlaskClient, chair: User, reading: timedelta, tag: str, line: str
) -> None:
    account = signed_in(chair, reading)
    listed, page = client.get("/akun").text, client.get(f"/akun/{account.id}").text
    assert tag in listed
    assert line in listed
    assert tag in page
    assert "Hak membaca data" in page
    assert ("masuk lagi setiap 90 hari" in page) == (reading < 14 * DAY)
    wanted = Health.ENDS_SOON if reading < 14 * DAY else Health.WELL
    assert queries.health(db.session.get_one(Account, account.id)) == wanted
    assert queries.counts(None).health == {wanted: 1}
    assert queries.page_of_accounts(Filter(needs_care=True), 1).total == (wanted == Health.ENDS_SOON)
